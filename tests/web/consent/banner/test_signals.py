"""Global Privacy Control, the law of the place, Google's signals, and being asked again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page

from servanda.runtime.workspace import Workspace
from servanda.state.models import Edition
from tests.web.consent.banner.conftest import answers, declare
from tests.web.consent.banner.place import COOKIES, Place
from tests.web.consent.banner.test_choices import came, cookies, press

Visitor = Callable[..., Page]
ALL = ("functional", "performance", "analytics", "advertising")
DAY_MS = 24 * 3600 * 1000


def signals(page: Page) -> list[list[object]]:
    found: list[list[object]] = page.evaluate("dataLayer.map(each => [...each])")
    return found


def test_gpc_is_a_refusal_acknowledged_and_recorded_once(place: Place, visitor: Visitor) -> None:
    page = visitor(gpc=True)
    came(page, place)
    assert not page.locator(".banner").is_visible()
    assert "Global Privacy Control honoured" in page.locator(".control").inner_text()
    came(page, place)
    assert place.elsewhere() == set() and cookies(page) == set()
    (choice,) = place.choices
    assert (choice["how"], choice["gpc"]) == ("gpc", True)
    assert choice["choices"] == dict.fromkeys(ALL, False)
    assert place.gpc_headers == ["1"]
    page.locator(".control").click()
    assert "We honour it" in page.locator("dialog .gpc").inner_text()


def test_an_explicit_choice_outranks_gpc(place: Place, visitor: Visitor) -> None:
    page = visitor(gpc=True)
    came(page, place)
    page.locator(".control").click()
    page.get_by_label("Analytics").check()
    press(page, "Save my choice")
    assert place.elsewhere() == {"stats/tag.js"}
    assert "honoured" not in page.locator(".control").inner_text()
    came(page, place)
    assert ("stats", "/fetched") in place.asked
    assert [(each["how"], each["gpc"]) for each in place.choices] == [
        ("gpc", True),
        ("chosen", True),
    ]


def test_gpc_outranks_a_choice_that_was_made_before_it(place: Place, visitor: Visitor) -> None:
    page = visitor()
    came(page, place)
    press(page, "Accept all")
    place.asked.clear()
    page.context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"
    )
    came(page, place)
    assert place.elsewhere() == set()
    assert [each["how"] for each in place.choices] == ["accept_all", "gpc"]
    assert "_ga" not in cookies(page)


def test_when_the_signal_is_gone_people_are_asked(place: Place, visitor: Visitor) -> None:
    page = visitor()
    came(page, place)
    page.evaluate(
        "revision => { localStorage.servanda = JSON.stringify({id: 'a'.repeat(32), how: 'gpc',"
        " gpc: true, choices: {}, at: Date.now(), revision}); }",
        _revision(place),
    )
    came(page, place)
    assert page.locator(".banner").is_visible()


def test_signals_for_google_stand_before_any_tag(place: Place, visitor: Visitor) -> None:
    page = visitor()
    came(page, place)
    denied = {
        "ad_storage": "denied",
        "ad_user_data": "denied",
        "ad_personalization": "denied",
        "analytics_storage": "denied",
        "functionality_storage": "denied",
        "personalization_storage": "denied",
        "security_storage": "granted",
    }
    assert signals(page) == [["consent", "default", {**denied, "wait_for_update": 500}]]
    press(page, "Choose")
    page.get_by_label("Advertising").check()
    press(page, "Save my choice")
    ads = dict.fromkeys(("ad_storage", "ad_user_data", "ad_personalization"), "granted")
    assert signals(page)[1:] == [["consent", "update", {**denied, **ads}]]
    came(page, place)
    assert [each[1] for each in signals(page)] == ["default", "update"]
    assert signals(page)[1][2] == {**denied, **ads}


def test_california_may_run_until_refused_and_gpc_refuses(place: Place, visitor: Visitor) -> None:
    place.attributes = 'data-place="US-CA"'
    page = visitor()
    came(page, place)
    assert {"stats/tag.js", "pixel/shown.gif"} <= place.elsewhere()
    assert signals(page)[0][2]["analytics_storage"] == "granted"  # type: ignore[index]
    press(page, "Decline all")
    assert "_ga" not in cookies(page)
    place.asked.clear()
    later = _older(page, 200)  # past six months, within a year
    came(page, place)
    assert later and not page.locator(".banner").is_visible()
    assert place.elsewhere() == set()
    place.asked.clear()
    signalling = visitor(gpc=True)
    came(signalling, place)
    assert place.elsewhere() == set()
    assert [each["place"] for each in place.choices] == ["US-CA", "US-CA"]


def test_places_nobody_knows_are_asked_first(place: Place, visitor: Visitor) -> None:
    for name in ("US-CAL", "KE", "XX", "us-ca<"):
        place.attributes = f'data-place="{name}"'
        page = visitor()
        came(page, place)
        assert page.locator(".banner").is_visible() and place.elsewhere() == set(), name


def test_a_new_revision_asks_again_and_nothing_runs_meanwhile(
    place: Place, site: Workspace, visitor: Visitor
) -> None:
    page = visitor()
    came(page, place)
    press(page, "Accept all")
    declare(site, COOKIES.replace("by: ads", "by: stats"))
    place.answers = answers()
    place.asked.clear()
    came(page, place)
    assert page.locator(".banner").is_visible()
    assert place.elsewhere() == set() and "_ga" not in cookies(page)
    press(page, "Decline all")
    assert place.choices[0]["id"] == place.choices[1]["id"]
    assert place.choices[1]["how"] == "withdrawn"


def test_a_material_edition_asks_again_and_another_does_not(
    place: Place, site: Workspace, visitor: Visitor
) -> None:
    page = visitor()
    came(page, place)
    press(page, "Decline all")
    for number, material, asked in ((1, False, False), (2, True, True)):
        _edition(number, material)
        place.answers = answers()
        came(page, place)
        assert page.locator(".banner").is_visible() is asked, number
    _edition(3, True, binds=timedelta(days=3))  # not in force yet: nothing changes
    place.answers = answers()
    press(page, "Accept all")
    assert (place.choices[-1]["edition"], place.choices[-1]["notice"]) == (2, "2" * 64)


def test_after_the_time_that_was_set_people_are_asked_again(place: Place, visitor: Visitor) -> None:
    page = visitor()
    came(page, place)
    press(page, "Accept all")
    _older(page, 170)
    came(page, place)
    assert not page.locator(".banner").is_visible()
    _older(page, 20)
    place.asked.clear()
    came(page, place)
    assert page.locator(".banner").is_visible() and place.elsewhere() == set()
    _older(page, -400)  # a clock that was set back is no licence
    came(page, place)
    assert page.locator(".banner").is_visible()


def test_a_choice_that_did_not_arrive_is_sent_from_the_next_page(
    place: Place, visitor: Visitor
) -> None:
    place.status = 503
    page = visitor()
    came(page, place)
    press(page, "Decline all")
    for _ in range(14):
        page.evaluate("servanda.open()")
        page.locator("dialog").get_by_role("button", name="Decline all").click()
    assert place.choices == []
    assert page.evaluate("JSON.parse(localStorage['servanda-waiting']).length") == 10
    place.status = 201
    came(page, place)
    assert [each["how"] for each in place.choices] == ["decline_all"] * 10
    assert page.evaluate("localStorage['servanda-waiting']") == "[]"
    page.locator(".control").click()
    assert "/consent/receipt/r" in (page.locator("a.receipt").get_attribute("href") or "")


def test_a_choice_that_is_refused_does_not_block_those_behind_it(
    place: Place, visitor: Visitor
) -> None:
    place.status = 400
    page = visitor()
    came(page, place)
    press(page, "Decline all")
    assert page.evaluate("localStorage['servanda-waiting']") == "[]"


def _revision(place: Place) -> str:
    found = re.search(rb'"revision":"([^"]+)"', place.answers["/consent/banner.js"][0])
    assert found
    return found[1].decode()


def _older(page: Page, days: int) -> bool:
    """Make the choice that is kept some days older."""
    page.evaluate(
        "days => { const kept = JSON.parse(localStorage.servanda); kept.at -= days;"
        " localStorage.servanda = JSON.stringify(kept); }",
        days * DAY_MS,
    )
    return True


def _edition(number: int, material: bool, binds: timedelta = timedelta()) -> None:
    now = datetime.now(UTC)
    Edition.objects.create(
        number=number,
        digest="d" * 64,
        content="servanda: 1",
        sha256=str(number) * 64,
        published_at=now,
        binds_at=now + binds,
        by="member 1",
        material=material,
    )
