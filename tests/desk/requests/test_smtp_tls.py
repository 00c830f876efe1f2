"""Letters go out encrypted, to a server whose certificate we trust, and to no other."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from servanda.desk.requests import Desk, outbox, smtp
from servanda.desk.settings import DeskSettings, MailSettings
from servanda.kernel.errors import UsageError
from tests.desk.requests.desk_world import NOW, make
from tests.desk.requests.mail_world import serving
from tests.desk.test_post import put
from tests.services.certificate import self_signed


def desk_of(folder: Path, port: int, **more: str) -> Desk:
    mail = MailSettings(host="127.0.0.1", port=port, sender="privacy@acme.example")
    return make(folder, settings=DeskSettings(mail=replace(mail, **more)))  # type: ignore[arg-type]


def context(certificate: Path) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(certificate, certificate.parent / "key.pem")
    return found


@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_with_the_companys_own_authority(sqlite_state: str, tmp_path: Path, security: str) -> None:
    certificate = self_signed(tmp_path, "127.0.0.1")
    tls = context(certificate)
    with serving(tls, start=security == "starttls") as server:
        desk = desk_of(tmp_path, server.port, security=security, ca=str(certificate))
        for name in ("jo", "max"):
            put(desk, f"{name}@example.test")
        assert [each.state for each in outbox.deliver(desk.book, now=NOW)] == ["sent", "sent"]
        assert [m["To"] for m in server.mails] == ["jo@example.test", "max@example.test"]
        message = server.mails[0]
        steps: list[str] = []
        smtp.send(desk.book.settings.mail, message, steps.append)
        assert any(step.startswith("encrypted with TLSv1.") for step in steps)
        assert steps[-1] == "the server has taken the message"
        assert not any("example.test" in step for step in steps)


@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_a_stranger_gets_nothing(sqlite_state: str, tmp_path: Path, security: str) -> None:
    """Neither one the system does not know, nor one of another authority, nor another machine."""
    (tmp_path / "other").mkdir()
    (tmp_path / "elsewhere").mkdir()
    certificate = self_signed(tmp_path, "127.0.0.1")
    other = self_signed(tmp_path / "other", "127.0.0.1")
    elsewhere = self_signed(tmp_path / "elsewhere", "127.0.0.2")
    for shown, trusted in (
        (certificate, ""),
        (certificate, str(other)),
        (elsewhere, str(elsewhere)),
    ):
        with serving(context(shown), start=security == "starttls") as server:
            desk = desk_of(tmp_path, server.port, security=security, ca=trusted)
            id_ = put(desk, "jo@example.test")
            (tried,) = outbox.deliver(desk.book, only=id_, now=NOW)
            assert (tried.state, server.got) == ("waiting", [])
            assert tried.error.startswith("its certificate: ")


def test_no_encryption_where_it_is_asked_for(sqlite_state: str, tmp_path: Path) -> None:
    with serving() as server:
        for security in ("starttls", "ssl"):
            desk = desk_of(tmp_path, server.port, security=security)
            id_ = put(desk, "jo@example.test")
            (tried,) = outbox.deliver(desk.book, only=id_, now=NOW)
            assert (tried.state, server.got) == ("waiting", [])


def test_an_authority_that_is_not_there(sqlite_state: str, tmp_path: Path) -> None:
    desk = desk_of(tmp_path, 1, ca=str(tmp_path / "none.pem"))
    with pytest.raises(UsageError, match=r"certificate authority"):
        smtp.trusted(desk.book.settings.mail)
    put(desk, "jo@example.test")
    (tried,) = outbox.deliver(desk.book, now=NOW)
    assert (tried.state, tried.error) == ("waiting", "mail.ca cannot be read"), "nothing was sent"
