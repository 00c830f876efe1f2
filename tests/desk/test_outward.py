"""Calls to addresses somebody typed: none to our own network, whatever the name says."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from servanda.desk import outward
from servanda.kernel.errors import UsageError


class _Server(ThreadingHTTPServer):
    got: list[tuple[str, str, bytes]]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, self.headers["Host"], body))
        status = {"/fine": 204, "/away": 302}.get(self.path, 500)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/fine")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[_Server]:
    found = _Server(("127.0.0.1", 0), _Handler)
    found.got = []
    thread = threading.Thread(target=found.serve_forever, args=(0.02,))
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[64:ff9b:1::a00:1]/",
        "https://[::ffff:0:10.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[fec0::1]/",
        "https://192.0.0.192/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://192.168.0.1:8443/",
        "https://0.0.0.0/",
        "https://[fe80::1]/",
        "https://224.0.0.1/",
        "https://localhost/",
        "https://router.local/",
        "https://metadata.internal/",
        "https://user:secret@example.com/",
        "https:///path",
        "ftp://example.com/",
        "https://example.com:99999/",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_inside_is_refused_when_it_is_typed(url: str) -> None:
    with pytest.raises(UsageError):
        outward.check(url, inside=False)


def test_an_address_outside_is_taken() -> None:
    assert outward.check("https://hooks.example.com/a?b=c", inside=False).hostname


def test_a_name_that_leads_inside_is_refused_when_it_is_called(
    server: _Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.server_address[1]
    asked = []

    def lookup(host: str, *args: Any, **named: Any) -> Any:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(outward.Refused) as refused:
        outward.post(f"https://hooks.example.com:{port}/fine", b"{}", {}, inside=False)
    assert refused.value.code == "inside"
    assert asked == ["hooks.example.com"]
    assert server.got == []


def test_what_is_allowed_inside_is_called_once_and_redirects_are_not_followed(
    server: _Server,
) -> None:
    base = f"http://127.0.0.1:{server.server_address[1]}"
    outward.post(f"{base}/fine", b'{"a":1}', {"content-type": "application/json"}, inside=True)
    assert server.got == [("/fine", base.removeprefix("http://"), b'{"a":1}')]
    with pytest.raises(outward.Refused) as refused:
        outward.post(f"{base}/away", b"{}", {}, inside=True)
    assert refused.value.code == "HTTP 302"
    assert [path for path, _, _ in server.got] == ["/fine", "/away"]
    with pytest.raises(outward.Refused):
        outward.post(f"{base}/broken", b"{}", {}, inside=True)


@pytest.mark.parametrize(
    ("scheme", "first"), (("http", b""), ("https", b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"))
)
def test_who_answers_a_letter_at_a_time_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch, scheme: str, first: bytes
) -> None:
    monkeypatch.setattr(outward, "_WHOLE_S", 0.5)
    ended = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(first)
            while not ended.wait(0.1):
                connection.sendall(b"H")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        began = time.monotonic()
        try:
            with pytest.raises(outward.Refused):
                outward.post(
                    f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/", b"{}", {}, inside=True
                )
            assert time.monotonic() - began < 5
        finally:
            ended.set()
            thread.join()
