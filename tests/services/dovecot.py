"""A real Dovecot: several people's mailboxes on loopback, with a master user. Ready in 0.2 s.

People are added with `user`; what they hold is put in and read from outside, as mail delivery and
a colleague's mail program would: over IMAP with their own password, or from the maildir itself.
"""

from __future__ import annotations

import imaplib
import os
import pwd
import re
import secrets
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from tests.services.certificate import self_signed
from tests.services.ports import HOST, accepts, free_port
from tests.services.process import Server, find_program, temporary_folder

MASTER = "servanda"
HERE = Path(__file__).parent


def installed() -> bool:
    """Say whether Dovecot and its IMAP server are there."""
    return find_program("dovecot") is not None and Path("/usr/lib/dovecot/imap").exists()


class Dovecot:
    """A private server with folders of its own. `settings` are lines of dovecot.conf."""

    def __init__(self, settings: str = "") -> None:
        began = time.monotonic()
        if not installed():
            raise FileNotFoundError("Dovecot is not installed")
        self.port, self.tls_port = free_port(), free_port()
        self.master_password = secrets.token_hex(8)
        self.folder = temporary_folder("dovecot")
        self.certificate = self_signed(self.folder, HOST)
        self._passwords: dict[str, str] = {}
        self._server: Server | None = None
        self._configure(settings)
        self.start()
        self.start_seconds = time.monotonic() - began

    # ── people and their addresses ────────────────────────────────────────────────────────────

    def user(self, name: str) -> str:
        """Add a person with an empty mailbox; gives the name."""
        self._passwords[name] = secrets.token_hex(8)
        # A file for each: Dovecot looks at a file again only when its time of change, in
        # seconds, is another.
        (self.folder / "people" / name).write_text(f"{name}:{{PLAIN}}{self._passwords[name]}\n")
        return name

    def url(self, name: str) -> str:
        """The address of one person's mailboxes, with their own password."""
        return f"imap://{quote(name, safe='')}:{self._passwords[name]}@{HOST}:{self.port}"

    def master_url(self, *names: str) -> str:
        """The address of several people's mailboxes, through the master user."""
        users = ",".join(quote(name, safe="@") for name in names)
        return f"imap://{MASTER}:{self.master_password}@{HOST}:{self.port}/?users={users}"

    def maildir(self, name: str) -> Path:
        return self.folder / "mail" / name / "Maildir"

    # ── from outside ──────────────────────────────────────────────────────────────────────────

    @contextmanager
    def mail_program(self, name: str) -> Iterator[imaplib.IMAP4]:
        """The person's own connection."""
        client = imaplib.IMAP4(HOST, self.port, timeout=20)
        try:
            client.login(name, self._passwords[name])
            yield client
        finally:
            client.logout()

    def deliver(
        self, name: str, message: bytes, when: datetime, *, folder: str = "INBOX", flags: str = ""
    ) -> None:
        """Put a message into a folder, made if need be, as having arrived at `when`."""
        with self.mail_program(name) as client:
            if folder != "INBOX":
                client.create(f'"{folder}"')
            stamp = imaplib.Time2Internaldate(when)
            status, answer = client.append(f'"{folder}"', f"({flags})", stamp, message)
            assert status == "OK", answer

    def messages(self, name: str, folder: str = "INBOX") -> list[bytes]:
        """Every message of a folder byte for byte, with its number, flags and date, in order.

        Whether it is recent depends on who looked last, and is left out."""
        with self.mail_program(name) as client:
            status, answer = client.select(f'"{folder}"', readonly=True)
            assert status == "OK", answer
            _, found = client.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")
            return [_without_recent(each) for each in found if each and len(each) == 2]

    # ── life ──────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Start Dovecot, unless it runs, and wait until it listens."""
        if self._server is not None and self._server.alive:
            return
        program = find_program("dovecot")
        assert program is not None
        self._server = Server(
            [program, "-F", "-c", self.folder / "dovecot.conf"], log=self.folder / "console"
        )
        self._server.wait_until(lambda: accepts(self.port) and accepts(self.tls_port))

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop(signal.SIGTERM)

    def kill(self) -> None:
        """Kill -9 Dovecot and all its processes."""
        if self._server is not None:
            self._server.kill()

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ── configuration ─────────────────────────────────────────────────────────────────────────

    def _configure(self, settings: str) -> None:
        root = os.geteuid() == 0
        owner = pwd.getpwnam("dovecot") if root else pwd.getpwuid(os.geteuid())
        mail = self.folder / "mail"
        mail.mkdir()
        os.chown(mail, owner.pw_uid, owner.pw_gid)
        text = (HERE / "dovecot.conf").read_text() + settings
        for name, value in {
            "FOLDER": self.folder,
            "PORT": self.port,
            "TLS": self.tls_port,
            "UID": owner.pw_uid,
            "GID": owner.pw_gid,
            "INTERNAL": owner.pw_name,
            "LOGIN": "dovenull" if root else owner.pw_name,
            "CHROOT": "login" if root else "",
        }.items():
            text = text.replace(f"@{name}@", str(value))
        (self.folder / "dovecot.conf").write_text(text)
        (self.folder / "master").write_text(f"{MASTER}:{{PLAIN}}{self.master_password}\n")
        (self.folder / "people").mkdir()


def _without_recent(answer: tuple[bytes, bytes]) -> bytes:
    told = re.sub(rb"\\Recent ?", b"", answer[0].partition(b" ")[2]).replace(b" )", b")")
    return told + answer[1]
