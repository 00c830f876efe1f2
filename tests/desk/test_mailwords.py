"""The words of mails may be changed, and what a person must be told stays in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from servanda.desk import mailwords
from servanda.desk.mailwords import KINDS
from servanda.desk.requests import asking, outbox, telling
from servanda.kernel.errors import UsageError
from servanda.state.models import OutboxMail
from tests.desk.requests.desk_world import NOW, opened
from tests.desk.requests.mail_world import body, desk_of, serving

SOUND = "Subject: {organisation}\n\nCode {code}, until {until}.\n"


def written(folder: Path, kind: str, text: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{kind}.txt").write_text(text, encoding="utf-8")
    return str(folder)


def test_our_own_are_sound_and_say_everything(tmp_path: Path) -> None:
    assert {each.kind for each in mailwords.check(str(tmp_path))} == set(KINDS)
    for kind, known in KINDS.items():
        values = {name: f"value-of-{name}" for name in known.placeholders}
        subject, text = mailwords.words(str(tmp_path), kind).say(values)
        assert known.required <= known.placeholders.keys()
        for name in known.required:
            assert f"value-of-{name}" in subject + text, (kind, name)
        assert "{" not in subject + text
        assert all(len(line) <= 100 for line in mailwords.builtin(kind).splitlines())


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("Hello\n\n{code} {until}", 1, "not a subject"),
        ("Subject:\n\n{code} {until}", 1, "not a subject"),
        ("Subject: x\n{code}\n{until}", 2, "no empty line"),
        ("Subject: x\n\n{code}\n{untill}\n{until}", 4, "there is no {untill}"),
        ("Subject: x\n\n{code}\n{link} {until}", 4, "there is no {link}"),
        ("Subject: x {until\n\n{code}", 1, 'a single "{"'),
        ("Subject: x\n\n{code}} {until}", 3, 'a single "}"'),
        ("Subject: x\n\n{} {code} {until}", 3, 'a single "{"'),
        ("Subject: x\n\n{code.__class__} {code} {until}", 3, 'a single "{"'),
        ("Subject: x\n\n{code}\n\n", 5, "{until} is not in it"),
        ("", 1, "not a subject"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    folder = written(tmp_path, "code", text)
    with pytest.raises(UsageError) as refused:
        mailwords.words(folder, "code")
    assert f"code.txt, line {line}: " in str(refused.value)
    assert says in str(refused.value)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_nothing_that_must_be_said_can_be_left_out(tmp_path: Path, kind: str) -> None:
    for name in KINDS[kind].required:
        text = mailwords.builtin(kind).replace(f"{{{name}}}", "")
        folder = written(tmp_path, kind, text)
        with pytest.raises(UsageError, match=rf"\{{{name}\}} is not in it|before \{{{name}\}}"):
            mailwords.words(folder, kind)


@pytest.mark.parametrize(
    "text",
    [
        "Subject: x\n\n{token} {link} {until}",
        "Subject: x {token}\n\n{link} {token} {until}",
        "Subject: x\n\n{until}\n{token}\n{link}\n{token}",
    ],
)
def test_the_link_comes_before_what_confirms(tmp_path: Path, text: str) -> None:
    folder = written(tmp_path, "confirm", text)
    with pytest.raises(UsageError, match=r"\{token\} stands before \{link\}"):
        mailwords.words(folder, "confirm")
    written(tmp_path, "confirm", "Subject: x\n\n{link}{token}{until}")
    assert mailwords.words(folder, "confirm").source


def test_files_that_are_none(tmp_path: Path) -> None:
    folder = written(tmp_path, "recieved", SOUND)
    with pytest.raises(UsageError, match="there is no such mail"):
        mailwords.check(folder)
    (tmp_path / "recieved.txt").rename(tmp_path / "code.txt")
    assert [each.source for each in mailwords.check(folder) if each.source]
    (tmp_path / "code.txt").write_bytes(b"Subject: \xff\n\n{code} {until}")
    with pytest.raises(UsageError, match="not UTF-8"):
        mailwords.check(folder)
    (tmp_path / "code.txt").write_text(SOUND + "x" * 70_000)
    with pytest.raises(UsageError, match="too long"):
        mailwords.check(folder)


def test_values_are_never_taken_for_templates(tmp_path: Path) -> None:
    folder = written(tmp_path, "code", "Subject: {{x}} {organisation}\r\n\r\n{code} {until}\r\n")
    values = dict.fromkeys(KINDS["code"].placeholders, "{code}{{")
    subject, text = mailwords.words(folder, "code").say(values)
    assert (subject, text) == ("{x} {code}{{", "{code}{{ {code}{{\n")


def test_they_are_used(sqlite_state: str, tmp_path: Path) -> None:
    with serving() as server:
        desk = desk_of(tmp_path, server.port)
        folder = tmp_path / "templates" / "mail"
        written(folder, "code", SOUND)
        one, two = opened(desk), opened(desk, email="max@example.test")
        asking.mail_code(desk.book, one, by="ann", now=NOW)
        written(folder, "code", SOUND.replace("{until}", ""))
        asking.mail_code(desk.book, two, by="ann", now=NOW)
        outbox.deliver(desk.book, now=NOW)
        first, second = server.mails
        assert first["Subject"] == "Acme Shop"
        assert body(first).startswith("Code ")
        assert "It counts until" in body(second), "one that is wrong is not used: our words are"


def test_a_person_is_told(sqlite_state: str, tmp_path: Path) -> None:
    with serving() as server:
        desk = desk_of(tmp_path, server.port)
        ref = opened(desk)
        other = opened(desk, email="max@example.test")
        telling.tell(desk.book, ref, "received", link="https://x.example/1", now=NOW)
        telling.tell(
            desk.book, ref, "ready", link="https://x.example/2", until=date(2026, 4, 1), now=NOW
        )
        telling.tell(
            desk.book,
            ref,
            "letter",
            letter="Dear Jo {due}",
            attachments=[("receipt.json", "application/json", b"{}")],
            now=NOW,
        )
        for kind, given in (("ready", {"link": "x"}), ("letter", {}), ("received", {})):
            with pytest.raises(ValueError, match="needs"):
                telling.tell(desk.book, other, kind, now=NOW, **given)  # type: ignore[arg-type]
        outbox.deliver(desk.book, now=NOW)
        assert {m["To"] for m in server.mails} == {"jo@example.test"}
        received, ready, letter = server.mails
        assert f"by {desk.get(ref).due}" in body(received)
        assert "2026-04-01" in body(ready)
        assert body(letter).startswith("Dear Jo {due}")
        assert [each.get_filename() for each in letter.iter_attachments()] == ["receipt.json"]
        assert OutboxMail.objects.filter(request_id=int(ref)).count() == 3
