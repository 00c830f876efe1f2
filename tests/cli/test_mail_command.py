"""Mail from the command line: tried step by step, its words changed, its inbox read."""

from __future__ import annotations

import os
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import pytest

from servanda.desk import post
from servanda.desk.requests import outbox
from servanda.runtime import inbox
from servanda.runtime.workspace import Workspace
from tests.cli.shop import Cli
from tests.desk.requests.mail_world import TOKEN, Server, body, report, serving
from tests.desk.requests.mails import eml
from tests.services.dovecot import Dovecot

URL = "https://privacy.acme.example"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def configure(cli: Cli, server: Server, more: str = "") -> None:
    path = cli.file("servanda.toml")
    before = path.read_text() if path.exists() else ""
    path.write_text(
        f'{before}\n[web]\nurl = "{URL}"\n[mail]\nhost = "127.0.0.1"\nport = {server.port}\n'
        f'security = "none"\nsender = "privacy@acme.example"\n{more}'
    )


def test_a_test_tells_each_step(cli: Cli, server: Server) -> None:
    without = cli("mail", "test", "--to", "me@acme.example")
    assert (without.code, "no mail server is set" in without.err) == (2, True)
    configure(cli, server)
    tried = cli("mail", "test", "--to", "me@acme.example")
    assert tried.code == 0, tried.err
    assert tried.out.splitlines() == [
        f"connected to 127.0.0.1, port {server.port}",
        "not encrypted, as mail.security says",
        "the server takes mail from our address",
        "the server takes mail to that address",
        "the server has taken the message",
        "sent: look whether it arrives, and not among the spam",
    ]
    assert [m["To"] for m in server.mails] == ["me@acme.example"]
    server.refuse["no@acme.example"] = "550 5.1.1 nobody"
    refused = cli("mail", "test", "--to", "no@acme.example")
    assert refused.code != 0
    assert "the server takes mail from our address" in refused.out
    assert "did not take it (SMTP 550)" in refused.err
    assert "nobody" not in refused.err + refused.out
    assert cli("mail", "test", "--to", "a@b.test, c@d.test").code == 2


def test_words_are_listed_written_and_checked(cli: Cli) -> None:
    listed = cli("mail", "templates")
    assert listed.code == 0
    for kind in ("confirm", "code", "received", "ready", "letter"):
        assert f"{kind}: " in listed.out
    assert "* {link}" in listed.out
    assert cli("mail", "templates", "--write", "code").code == 0
    path = cli.file("templates/mail/code.txt")
    assert "code.txt" in cli("mail", "templates").out
    assert cli("mail", "templates", "--write", "code").code == 2, "it overwrites nothing"
    path.write_text(path.read_text().replace("{code}", "{kode}"))
    wrong = cli("mail", "templates")
    assert (wrong.code, "code.txt, line 8: " in wrong.err) == (2, True)
    assert "{code}" in wrong.err or 'did you mean "code"' in wrong.err
    path.unlink()
    rows = {row["kind"]: row for row in cli("mail", "templates", "--json").json()}
    assert rows["received"]["required"] == ["due", "link", "reference"]
    near = cli("mail", "templates", "--write", "recieved")
    assert (near.code, "received" in near.err) == (2, True)


@pytest.mark.services
def test_from_inbox_to_request(cli: Cli, server: Server, dovecot: Dovecot) -> None:
    assert cli("request", "intake", "--inbox").code == 2
    user = dovecot.user(f"privacy-{secrets.token_hex(4)}@msp.example")
    parts = urlsplit(dovecot.url(user))
    address = f"imap://{quote(user, safe='@')}@{parts.hostname}:{parts.port}"
    configure(cli, server, f'inbox = "{address}"\ninbox_password = "{parts.password}"\n')
    now = datetime.now(UTC)
    for name in ("jo", "max", "kim"):
        dovecot.deliver(user, eml(f"{name.title()} <{name}@example.test>", message=name), now)
    taken = cli("request", "intake", "--inbox")
    assert (taken.code, "3 waiting for the sender" in taken.out) == (0, True), taken.err
    assert "example.test" not in taken.out
    listed = cli("request", "arrivals")
    assert listed.out.count("question sent; if it is a request, act by ") == 3
    assert "example.test" not in listed.out
    assert "Jo jo@example.test: My data" in cli("request", "arrivals", "--who").out
    (asked,) = server.to("jo@example.test")
    secret = TOKEN.search(body(asked))
    assert secret
    dovecot.deliver(user, eml("jo@example.test", "Re", secret[1], message="re"), now)
    dovecot.deliver(user, report(server.to("kim@example.test")[0]["Message-ID"]), now)
    assert "request 1 opened" in cli("request", "intake", "--inbox").out
    assert cli("request", "show", "1", "--json").json()["verified"]
    waiting = {row["mail"]: row["asked"] for row in cli("request", "arrivals", "--json").json()}
    assert waiting == {2: "sent", 3: "bounced"}
    assert "it came back (5.1.1)" in cli("request", "mail").out
    assert "request 2 (erasure)" in cli("request", "arrivals", "--take-in", "2").out
    assert cli("request", "arrivals", "--dismiss", "3").out == "no mail waits\n"
    assert cli("request", "arrivals", "--dismiss", "3").code == 2
    assert "nothing new" in cli("request", "intake", "--inbox").out


def test_the_scheduler_sends_between_sweeps(cli: Cli, server: Server) -> None:
    configure(cli, server)
    with Workspace.open(cli.folder) as workspace:
        workspace.use_state()
        for name in ("jo", "max"):
            post.send(
                workspace.desk.book, "note", f"{name}@example.test", "Hi", "text", about="note:1"
            )
    over = threading.Event()

    def watch() -> None:
        until = time.monotonic() + 60
        while len(server.got) < 2 and time.monotonic() < until:
            time.sleep(0.1)
        if not over.is_set():
            os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    cli("run")
    over.set()
    assert sorted(m["To"] for m in server.mails) == ["jo@example.test", "max@example.test"]


def test_what_is_wrong_is_told_and_mail_goes_out_all_the_same(cli: Cli, server: Server) -> None:
    configure(cli, server, 'inbox = "imap://jo@127.0.0.1:1"\ninbox_password = "x"\n')
    cli.file("templates/mail").mkdir(parents=True)
    cli.file("templates/mail/code.txt").write_text("nothing")
    server.refuse["no@example.test"] = "550 5.1.1 no"
    with Workspace.open(cli.folder) as workspace:
        workspace.use_state()
        book = workspace.desk.book
        for name in ("jo", "no"):
            post.send(book, "note", f"{name}@example.test", "Hi", "text", about="note:1")
        problems = inbox.tend(workspace)
        assert outbox.deliver(book) == []
    assert len(server.got) == 1
    assert len(problems) == 3
    assert "code.txt, line 1" in problems[0]
    assert "inbox" in problems[1]
    assert problems[2] == "mail 2 (note): failed"
