"""No name, address or word of a person stands in the database's files, however they are read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from servanda.desk.requests import Desk, asking, editing, events, identity, intake, outbox
from servanda.desk.settings import DeskSettings, MailSettings
from servanda.kernel.seal import SealBroken
from servanda.state.models import Request
from tests.desk.requests.desk_world import MASTER, NOW, entries, make, opened
from tests.desk.requests.mails import eml

SECRETS = (
    "zelda.marker@example.test",
    "max.marker@example.test",
    "Zelda Marker",
    "7 Marker Lane",
    "02890241234",
    "marker words of mine",
    "a note on the marker",
    "photo fits the marker",
    "letter to the marker",
    "Zelda Corrected",
    "held-for-marker",
    "marker-message-id",
)


def busy(folder: Path) -> Desk:
    """Three requests of two people, through every table that holds something of them."""
    mail = MailSettings(folder=str(folder / "letters"))
    desk = make(folder, settings=DeskSettings(mail=mail), tenants=("harbour",))
    ref = desk.new(
        "correction",
        [("email", SECRETS[0]), ("phone", SECRETS[4])],
        received=date(2026, 3, 16),
        via="post",
        name=SECRETS[2],
        contact=SECRETS[3],
        text=SECRETS[5],
        corrections=[("name", SECRETS[9])],
        by="ann",
        now=NOW,
    )
    asking.mail_code(desk.book, ref, by="ann", now=NOW)
    events.event(desk.book, ref, "scope_asked", NOW.date(), by="ann", note=SECRETS[6], now=NOW)
    identity.seen(desk.book, ref, "passport", by="ann", note=SECRETS[7], now=NOW)
    desk.keep_letter(ref, "scope", SECRETS[8].encode(), now=NOW)
    editing.choose(desk.book, ref, [("crm.people", (SECRETS[10],))], by="ann", now=NOW)
    second = opened(desk, "restriction", SECRETS[1])
    identity.seen(desk.book, second, "passport", by="ann", now=NOW)
    desk.decide(second, "act", by="ann", now=NOW)
    intake.take(desk.book, eml(SECRETS[0], "please delete", message=SECRETS[11]), by="ann", now=NOW)
    return desk


def test_the_files_hold_nothing_of_them(sqlite_state: str, tmp_path: Path) -> None:
    desk = busy(tmp_path)
    seen = desk.get("1")
    assert (seen.name, seen.text, seen.contact) == (SECRETS[2], SECRETS[5], SECRETS[3])
    assert [each.note for each in seen.events if each.note] == [SECRETS[6]]
    assert desk.letters("1")[0][2] == SECRETS[8].encode()
    assert seen.only == (("crm.people", (SECRETS[10],)),)
    files = list(tmp_path.glob("state.sqlite3*"))
    assert any(each.name.endswith("-wal") for each in files)
    content = b"".join(each.read_bytes() for each in files)
    assert b"rectification" in content, "the scan reads what is there"
    for secret in SECRETS:
        for form in (secret, secret.lower(), secret.upper()):
            for encoding in ("utf-8", "utf-16-le"):
                assert form.encode(encoding) not in content, secret


def test_the_evidence_holds_nothing_of_them(each_state: str, tmp_path: Path) -> None:
    busy(tmp_path)
    said = repr(entries())
    assert "request.received" in said
    assert not [secret for secret in SECRETS if secret.lower() in said.lower()]


def test_marks_need_the_key(sqlite_state: str, tmp_path: Path) -> None:
    desk = busy(tmp_path)
    other = Desk(bytes(32), desk.book.policy)
    mark = desk.book.vault.mark("email", SECRETS[0])
    assert mark != other.book.vault.mark("email", SECRETS[0])
    assert mark == Desk(MASTER, desk.book.policy).book.vault.mark("email", SECRETS[0])
    with pytest.raises(SealBroken):
        other.get("1")


def test_a_row_moved_is_not_believed(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    one, two, three = (opened(desk, email=f"{name}@example.test") for name in ("a", "b", "c"))
    rows = {str(row.id): row for row in Request.objects.all()}
    Request.objects.filter(id=int(two)).update(data=rows[one].data)
    Request.objects.filter(id=int(three)).update(person=rows[one].person, data=rows[one].data)
    for moved in (two, three):
        with pytest.raises(SealBroken):
            desk.get(moved)
    assert desk.get(one).identities == (("email", "a@example.test"),)


def test_errors_do_not_repeat_who(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref = desk.new(
        "access",
        [("phone", SECRETS[4])],
        received=date(2026, 3, 16),
        via="post",
        name=SECRETS[2],
        by="ann",
        now=NOW,
    )
    said = []
    for attempt in (
        lambda: asking.mail_code(desk.book, ref, by="ann", to=SECRETS[0], now=NOW),
        lambda: identity.check_code(desk.book, ref, SECRETS[2], by="ann", now=NOW),
        lambda: desk.decide(ref, "refuse", [SECRETS[2]], by="ann", now=NOW),
        lambda: outbox.settle(1, sent=True),
    ):
        with pytest.raises(Exception) as refused:
            attempt()
        said.append(str(refused.value))
    assert len(said) == 4
    assert SECRETS[0] not in " ".join(said[:2])
