"""The mailbox pack on a real Dovecot, swept by the whole engine."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from servanda.ledger.bundle import export
from servanda.ledger.verify import verify_bundle
from servanda.runtime.workspace import Workspace, check
from tests.apply.world import unsealed_with
from tests.connectors.imap.mailboxes import letter, person
from tests.packs.company import LATELY, LONG_AGO, NOW, company, look, sweep
from tests.services.dovecot import Dovecot

pytestmark = [pytest.mark.services]
YESTERDAY = NOW - timedelta(days=2)
FOLDERS = ("INBOX", "Sent", "Archive/2024")


def numbers(dovecot: Dovecot, user: str, folder: str = "INBOX") -> list[int]:
    found = (re.search(rb"^Subject: letter (\d+)", m, re.M) for m in dovecot.messages(user, folder))
    return [int(each[1]) for each in found if each]


def deliver(dovecot: Dovecot, user: str) -> None:
    """In each folder: 0 long ago, 1 long ago with consent, 2 dealt with, 3 lately, 4 lately."""
    letters: list[tuple[datetime, str]] = [
        (LONG_AGO, ""),
        (LONG_AGO, "marketing"),
        (LATELY, f"marketing closed-{YESTERDAY:%Y-%m-%d}"),
        (LATELY, "\\Flagged"),
        (LATELY, "\\Deleted"),
    ]
    for folder in FOLDERS:
        for number, (when, flags) in enumerate(letters):
            dovecot.deliver(user, letter(number), when, folder=folder, flags=flags)


def test_a_support_mailbox_is_swept_and_nobody_elses(dovecot: Dovecot, tmp_path: Path) -> None:
    support, sales, boss = (person(dovecot, name) for name in ("support", "sales", "boss"))
    for user in (support, sales, boss):
        deliver(dovecot, user)
    before = {(u, f): dovecot.messages(u, f) for u in (support, sales, boss) for f in FOLDERS}
    assert all(len(each) == 5 for each in before.values())

    mail = ("imap-mailbox", dovecot.master_url(support, sales))
    with company(tmp_path / "jtec", mail=mail) as workspace:
        assert look(workspace).complete
        counts, outcome = sweep(workspace)
        names = unsealed_with(workspace.master, outcome.run)
        bundle = tmp_path / "evidence.zip"
        export(bundle, workspace.signer)
        assert verify_bundle(bundle, workspace.signer.vkey).ok

    assert counts == {"mail.messages": 2 * 2 * len(FOLDERS)}
    for user in (support, sales):
        for folder in FOLDERS:
            assert dovecot.messages(user, folder) == [
                before[user, folder][number] for number in (1, 3, 4)
            ]
    assert all(dovecot.messages(boss, folder) == before[boss, folder] for folder in FOLDERS)
    gone = {key[0] for keys in names.values() for key in keys}
    assert len(gone) == 12
    assert {url.partition("/")[0] for url in gone} == {support, sales}


def test_the_index_cache_keeps_what_went_and_is_searched(dovecot: Dovecot, tmp_path: Path) -> None:
    user = person(dovecot)
    mark = secrets.token_hex(8)
    for number, when in enumerate((LONG_AGO, LONG_AGO, LATELY)):
        message = letter(number).replace(b"@client", f".{mark}@client".encode())
        dovecot.deliver(user, message, when)
    mail = ("imap-mailbox", dovecot.url(user))
    with company(tmp_path / "jtec", mail=mail) as workspace:
        with_caches(workspace.folder, dovecot.maildir(user))
        env = {"MAIL": dovecot.url(user)}
        assert check(workspace.folder, env).sound
    with Workspace.open(tmp_path / "jtec", env) as workspace:
        workspace.use_state()
        _, outcome = sweep(workspace)
    assert numbers(dovecot, user) == [2]
    caches = list(dovecot.maildir(user).rglob("dovecot.index.cache"))
    assert any(mark.encode() in path.read_bytes() for path in caches)  # the trap is real
    (residue,) = outcome.residues
    assert residue.found == 1
    assert "index caches of the mail server" in dict(residue.statements)


def with_caches(folder: Path, maildir: Path) -> None:
    path = folder / "stores.yaml"
    text = path.read_text().rstrip().removesuffix("}")
    caches = f'collections: {{messages: {{byproducts: ["{maildir}/**/dovecot.index.cache"]}}}}'
    path.write_text(f"{text}, {caches}}}\n")


def test_a_mailbox_that_nobody_declared_shows_and_is_not_recorded(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    user = person(dovecot)
    for folder in ("INBOX", "Clients/Jane Doe", "Clients/John Doe"):
        dovecot.deliver(user, letter(1), LATELY, folder=folder)
    with company(tmp_path / "jtec", mail=("imap-mailbox", dovecot.url(user))) as workspace:
        text = (workspace.folder / "stores.yaml").read_text()
        only = text.replace("pack: imap-mailbox", "pack: imap-mailbox, with: {folder: INBOX}")
        (workspace.folder / "stores.yaml").write_text(only)
    with Workspace.open(tmp_path / "jtec", {"MAIL": dovecot.url(user)}) as workspace:
        found = look(workspace)
    assert not found.complete
    assert found.store("mail").undeclared == ("Clients/Jane Doe", "Clients/John Doe")
    assert found.entry()["stores"]["mail"]["undeclared"] == ["mailboxes: 2"]
