"""Who asks: codes work once, for a while, for the right request; documents leave nothing behind."""

from __future__ import annotations

import os
from datetime import date, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from servanda.desk.requests import Desk, asking, identity, mailseal
from servanda.desk.settings import DeskSettings, MailSettings, RequestSettings
from servanda.kernel.errors import UsageError
from servanda.state.models import Challenge, Evidence, OutboxMail
from tests.desk.requests.desk_world import NOW, entries, make, opened

LATER = NOW + timedelta(days=3)


def sent(desk: Desk, ref: str) -> str:
    """The code in the request's last mail."""
    asking.mail_code(desk.book, ref, by="ann", now=NOW)
    mail = OutboxMail.objects.select_related("request__person").latest("id")
    raw = mailseal.opened(desk.book, mail)
    text = message_from_bytes(raw).get_payload()
    assert isinstance(text, str)
    return next(line.strip() for line in text.splitlines() if line.startswith("    "))


def test_a_code_by_mail(each_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref, other, third = (opened(desk, email=f"{name}@example.test") for name in "abc")
    code, others = sent(desk, ref), sent(desk, other)
    assert desk.get(ref).state == "waiting"
    for wrong in (others, "AAAAAAAAAA", ""):
        with pytest.raises(UsageError, match="not the code"):
            identity.check_code(desk.book, ref, wrong, by="ann", now=NOW)
    identity.check_code(desk.book, ref, f" {code.lower()} ", by="ann", now=NOW)
    assert [desk.get(each).verified for each in (ref, other, third)] == [True, False, False]
    assert desk.get(ref).state == "verified"
    with pytest.raises(UsageError, match="no code"):
        identity.check_code(desk.book, ref, code, by="ann", now=NOW)
    stored = {each.hash for each in Challenge.objects.all()}
    assert not any(code in each or code.replace("-", "") in each for each in stored)


def test_a_code_is_for_few_tries_and_a_while(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path, settings=DeskSettings(RequestSettings(code_tries=2, code_minutes=30)))
    ref = opened(desk)
    code = identity.send_code(desk.book, ref, "phone", by="ann", now=NOW)
    for _ in range(2):
        with pytest.raises(UsageError, match="not the code"):
            identity.check_code(desk.book, ref, "AAAAA-AAAAA", by="ann", now=NOW)
    with pytest.raises(UsageError, match="no code"):
        identity.check_code(desk.book, ref, code, by="ann", now=NOW)
    first = identity.send_code(desk.book, ref, "phone", by="ann", now=NOW)
    second = identity.send_code(desk.book, ref, "phone", by="ann", now=NOW)
    with pytest.raises(UsageError, match="not the code"):
        identity.check_code(desk.book, ref, first, by="ann", now=NOW)
    with pytest.raises(UsageError, match="no code"):
        late = NOW + timedelta(minutes=30)
        identity.check_code(desk.book, ref, second, by="ann", now=late)
    identity.check_code(desk.book, ref, second, by="ann", now=late - timedelta(seconds=1))
    assert desk.get(ref).verified


def test_codes_go_to_the_address_on_file_only(sqlite_state: str, tmp_path: Path) -> None:
    mail = MailSettings(sender="privacy@acme.example")
    desk = make(tmp_path, settings=DeskSettings(mail=mail))
    two = desk.new(
        "access",
        [("email", "a@example.test"), ("email", "b@example.test")],
        received=NOW.date(),
        via="form",
        contact="thief@example.test",
        by="ann",
        now=NOW,
    )
    none = desk.new(
        "access", [("phone", "028 9024 0000")], received=NOW.date(), via="post", by="ann", now=NOW
    )
    for ref, to in ((two, None), (two, "thief@example.test"), (none, None)):
        with pytest.raises(UsageError):
            asking.mail_code(desk.book, ref, by="ann", to=to, now=NOW)
    assert OutboxMail.objects.count() == Challenge.objects.count() == 0
    asking.mail_code(desk.book, two, by="ann", to="B@example.test", now=NOW)
    assert OutboxMail.objects.count() == Challenge.objects.count() == 1


def test_a_document_is_looked_at_and_gone(each_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref = opened(desk)
    scan, neighbour = tmp_path / "scan.pdf", tmp_path / "scan2.pdf"
    scan.write_bytes(b"passport of Jo" * 1000)
    neighbour.write_bytes(b"passport of Max")
    held = os.open(scan, os.O_RDONLY)  # what lay in the file's blocks, after its name is gone
    identity.seen(desk.book, ref, "passport", by="ann", note="fits", file=scan, now=NOW)
    assert os.pread(held, 20_000, 0).strip(b"\0") == b""
    os.close(held)
    assert not scan.exists()
    assert neighbour.read_bytes() == b"passport of Max"
    kept = Evidence.objects.get()
    assert (kept.document, kept.file_destroyed, kept.by) == ("passport", True, "ann")
    assert b"fits" not in bytes(kept.note)
    assert entries("request.event")[-1]["way"] == "passport seen, its file destroyed"


def test_no_other_file_is_destroyed(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref, done = opened(desk), opened(desk, email="max@example.test")
    identity.seen(desk.book, done, "passport", by="ann", now=NOW)
    real, link, hard = tmp_path / "real", tmp_path / "link", tmp_path / "hard"
    real.write_bytes(b"keep me")
    link.symlink_to(real)
    for path in (link, tmp_path, tmp_path / "missing"):
        with pytest.raises(UsageError):
            identity.seen(desk.book, ref, "passport", by="ann", file=path, now=NOW)
    hard.hardlink_to(real)
    with pytest.raises(UsageError, match="one name"):
        identity.seen(desk.book, ref, "passport", by="ann", file=real, now=NOW)
    hard.unlink()
    with pytest.raises(UsageError, match="no document"):
        identity.seen(desk.book, ref, "pasport", by="ann", file=real, now=NOW)
    with pytest.raises(UsageError, match="possible now"):
        identity.seen(desk.book, done, "passport", by="ann", file=real, now=NOW)
    assert real.read_bytes() == b"keep me"
    assert not desk.get(ref).verified


def test_a_doubt_waits_and_the_clock_begins_anew(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref, plain = opened(desk), opened(desk, email="max@example.test")
    first = desk.get(ref).statutory_due
    assert first == date(2026, 4, 16)
    identity.doubt(desk.book, ref, by="ann", note="another name in the letter", now=NOW)
    seen = desk.get(ref)
    assert (seen.state, seen.waiting_for, seen.statutory_due) == ("waiting", "identity", first)
    for each in (ref, plain):
        identity.seen(desk.book, each, "identity_card", by="ann", now=LATER)
    assert desk.get(ref).statutory_due == date(2026, 4, 23)
    assert any("begins anew" in step for step in desk.get(ref).because)
    assert desk.get(plain).statutory_due == first, "a check of our own moves no date"
    identity.doubt(desk.book, ref, by="ann", note="it has expired", now=LATER)
    assert not desk.get(ref).verified
    assert desk.get(ref).statutory_due == first
    with pytest.raises(UsageError, match="needs its reason"):
        identity.doubt(desk.book, ref, by="ann", note=" ", now=LATER)
