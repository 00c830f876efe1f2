"""Access and erasure from the form to the download, in a real browser, with a real mailbox, on a
telephone's screen and without JavaScript."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import pyzipper
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, Page, expect

from tests.apply.requests.house import rows
from tests.web.portal.visitor import CODE, LINK, text
from tests.web.world import SRC, Served, build_site, free_port

ANN, BOB = "ann@example.test", "bob@example.test"
WAIT_S = 30.0


class Mailbox:
    """Takes every mail."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        content = envelope.content
        self.mails.append(message_from_bytes(content, _class=EmailMessage, policy=default))
        return "250 OK"

    def newest(self, to: str, pattern: Any, before: int = 0) -> str:
        """What the pattern finds in the newest mail to somebody, once there are more."""
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            found = [pattern.search(text(each)) for each in self.mails if each["To"] == to]
            hits = [each for each in found if each]
            if len(hits) > before:
                return str(hits[-1].group(hits[-1].re.groups))
            time.sleep(0.05)
        raise AssertionError([each["Subject"] for each in self.mails])


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture
def portal(tmp_path: Path, mailbox: tuple[Mailbox, int]) -> Iterator[Served]:
    folder = tmp_path / "served"
    server = f'[mail]\nhost = "127.0.0.1"\nport = {mailbox[1]}\nsecurity = "none"\n'
    build_site(folder, server)
    with Served(folder) as found:
        yield found


def staff(folder: Path, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "servanda", "request", *words, "-C", str(folder), "--json"],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(SRC)},
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def served_faces(folder: Path) -> list[str]:
    """What the worker's census of the day found, by fetching the pages itself."""
    query = "SELECT entry FROM servanda_leaf WHERE kind = 'portal.census'"
    until = time.monotonic() + 90
    while time.monotonic() < until:
        with closing(sqlite3.connect(folder / ".servanda" / "state.sqlite3")) as connection:
            found = connection.execute(query).fetchone()
        if found:
            up: list[str] = json.loads(found[0])["up"]
            return up
        time.sleep(0.5)
    raise AssertionError("no census")


def asked(page: Page, url: str, box: Mailbox, right: str, mail: str) -> str:
    """From the start to the number; the address to follow it."""
    page.goto(f"{url}/privacy/")
    page.get_by_role("link", name="Make a request").first.click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Client and its contacts").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label(right).check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("E-mail address").fill(mail)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Country or region").select_option("Northern Ireland")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("In your own words").fill("All of it, please.")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Mail me a code").click()
    page.get_by_label("The code").fill(box.newest(mail, CODE))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this right?")
    expect(page.locator("main")).to_contain_text(mail)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Send it").click()
    expect(page.locator("main")).to_contain_text("We answer by")
    return page.url.partition("?")[0]


def proven(page: Page, box: Mailbox, mail: str) -> None:
    """Give a fresh code back."""
    before = sum(each["To"] == mail and CODE.search(text(each)) is not None for each in box.mails)
    page.get_by_role("button", name="Mail me a code").click()
    page.get_by_label("The code").fill(box.newest(mail, CODE, before))
    page.get_by_role("button", name="Go on").click()


@pytest.mark.services
def test_access_and_erasure_from_form_to_download(
    portal: Served, mailbox: tuple[Mailbox, int], browser: Browser, tmp_path: Path
) -> None:
    box, folder = mailbox[0], portal.folder
    size = {"width": 360, "height": 740}
    page = browser.new_context(viewport=size, java_script_enabled=False).new_page()  # type: ignore[arg-type]
    follow = asked(page, portal.url, box, "See what you hold about me", ANN)
    assert box.newest(ANN, LINK) == f"{follow}"

    assert {"requests", "corrections", "policy", "board"} <= set(served_faces(folder))
    staff(folder, "decide", "1", "--act")
    made = staff(folder, "reply", "1")
    page.goto(follow)
    page.get_by_role("link", name="Fetch my data").click()
    proven(page, box, ANN)
    page.get_by_role("button", name="Show the passphrase").click()
    secret = page.locator("#passphrase").inner_text()
    assert secret == made["passphrase"]
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    path = tmp_path / "my-data.zip"
    waiting.value.save_as(path)
    with pyzipper.AESZipFile(io.BytesIO(path.read_bytes())) as archive:
        archive.setpassword(secret.encode())
        clients = json.loads(archive.read("data/crm.clients.json"))
    assert [each["name"] for each in clients] == ["Ann"]
    page.goto(follow)
    page.get_by_role("link", name="Did you lose it?").click()
    proven(page, box, ANN)
    expect(page.locator("main")).to_contain_text("was fetched on")

    before = rows(folder, "crm", "SELECT * FROM clients WHERE id <> 2 ORDER BY id")
    assert rows(folder, "crm", "SELECT count(*) FROM clients WHERE id = 2") == [(1,)]
    page = browser.new_context(viewport=size, java_script_enabled=False).new_page()  # type: ignore[arg-type]
    follow = asked(page, portal.url, box, "Delete it", BOB)
    staff(folder, "decide", "2", "--act")
    staff(folder, "act", "2", "--yes")
    staff(folder, "reply", "2")
    query = "SELECT count(*) FROM clients WHERE email = 'bob@example.test' OR name = 'Bob'"
    assert rows(folder, "crm", query) == [(0,)]
    assert rows(folder, "crm", "SELECT * FROM clients WHERE id <> 2 ORDER BY id") == before
    page.goto(follow)
    page.get_by_role("link", name="Read our letters").click()
    proven(page, box, BOB)
    expect(page.locator("main")).to_contain_text("House Ltd")
