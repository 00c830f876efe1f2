"""The banner's files as served: to other sites, kept a while, with an end, without cookies."""

from __future__ import annotations

import json
import re
from typing import Any

from django.test import Client

from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from tests.web.consent.banner.conftest import declare
from tests.web.consent.banner.place import COOKIES
from tests.web.consent.banner.test_signals import _edition

FILES = ("/consent/banner.js", "/consent/banner.css", "/consent/config.json")


def _rules(client: Client) -> dict[str, Any]:
    text = client.get("/consent/banner.js").content.decode()
    found = re.search(r"const RULES=(\{.*?\});", text)
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told


def test_other_sites_may_load_them_and_keep_them_for_minutes(site: Workspace) -> None:
    declare(site)
    client = Client(SERVER_NAME="localhost", headers={"Origin": "https://www.firm.test"})
    for path in FILES:
        told = client.get(path)
        assert told.status_code == 200, path
        assert told.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert told.headers["Access-Control-Allow-Origin"] == "*"
        assert told.headers["Cache-Control"] == "public, max-age=300"
        assert told.headers["X-Content-Type-Options"] == "nosniff"
        assert not told.cookies
        again = client.get(path, headers={"If-None-Match": told.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["Access-Control-Allow-Origin"] == "*"
        packed = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        weak = client.get(path, headers={"If-None-Match": packed.headers["ETag"]})
        assert weak.status_code == 304
        assert client.post(path).status_code == 405
    changed = client.get(FILES[2]).headers["ETag"]
    declare(site, COOKIES.replace("Count Ltd", "Counting Ltd"))
    assert client.get(FILES[2], headers={"If-None-Match": changed}).status_code == 200


def test_rules_and_texts_say_what_the_policy_says(site: Workspace) -> None:
    declare(site)
    client = Client(SERVER_NAME="localhost")
    rules = _rules(client)
    assert rules["categories"]["analytics"] == {
        "hosts": ["stats.localhost"],
        "names": ["_ga", "_ga_*"],
    }
    assert "necessary" not in rules["categories"]
    assert 180 <= rules["days"] <= 184 and rules["place"] == "GB-NIR"
    assert (rules["edition"], rules["notice"]) == (None, hub.workspace().policy.digest)
    told = client.get("/consent/config.json?lang=en").json()
    assert told["parties"] == ["Adverts Inc", "Count Ltd", "Films GmbH"]
    assert [each["id"] for each in told["categories"]] == [
        *("necessary", "functional", "performance", "analytics", "advertising")
    ]
    assert told["categories"][3]["cookies"][0] == {
        "name": "_ga",
        "who": "Count Ltd",
        "purpose": "Counts.",
        "lasts": "13 months",
    }
    assert told["policy_url"].endswith("/privacy/policy/")
    _edition(4, True)
    assert (_rules(client)["edition"], _rules(client)["notice"]) == (4, "4" * 64)
    assert _rules(client)["revision"].startswith("4-")
    assert client.get("/consent/config.json").json()["sha256"] == "4" * 64


def test_languages_there_are_not_and_nonsense_get_english(site: Workspace) -> None:
    declare(site)
    client = Client(SERVER_NAME="localhost")
    for asked in ("de", "", "EN-us", "../../x", "e" * 5000):
        told = client.get("/consent/config.json", {"lang": asked})
        assert told.json()["decline"] == "Decline all"
    assert client.get("/consent/config.json?lang=es").json()["decline"] == "Rechazar todo"


def test_it_has_an_end(site: Workspace) -> None:
    many = "".join(
        f"  c{n}: {{category: analytics, purpose: {'x' * 350}, lasts: session, by: r{n}}}\n"
        for n in range(400)
    )
    who = "".join(
        f"  r{n}: {{name: Company {n}, kind: processor, country: GB}}\n" for n in range(400)
    )
    declare(site, f"\nrecipients:\n{who}banner: {{}}\ncookies:\n{many}")
    client = Client(SERVER_NAME="localhost")
    told = client.get("/consent/config.json")
    assert len(told.content) < 48_000
    found = told.json()
    assert len(found["categories"][1]["cookies"]) == 40
    assert found["categories"][1]["more"].startswith("360 more")
    assert "388 others" in found["says"] and len(found["says"]) < 600


def test_words_of_the_policy_cannot_end_the_script(site: Workspace) -> None:
    purpose = '"</script><b>\'"'
    cookie = f"x: {{category: analytics, purpose: {purpose}, lasts: session}}"
    more = f"\nbanner: {{}}\ncookies:\n  {cookie}\n"
    declare(site, more)
    client = Client(SERVER_NAME="localhost")
    assert "</script" not in client.get("/consent/banner.js").content.decode()
    assert client.get("/consent/config.json").headers["Content-Type"] == "application/json"


def test_a_policy_without_cookies_asks_nobody(site: Workspace) -> None:
    client = Client(SERVER_NAME="localhost")
    assert _rules(client)["categories"] == {}


def test_our_server_says_that_it_honours_gpc(site: Workspace) -> None:
    client = Client(SERVER_NAME="localhost")
    told = client.get("/.well-known/gpc.json")
    assert told.headers["Content-Type"] == "application/json"
    assert told.json() == {"gpc": True}
    _edition(1, False)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d", client.get("/.well-known/gpc.json").json()["lastUpdate"]
    )
