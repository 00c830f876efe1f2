"""Calls to addresses that somebody typed: never to our own network, unless that is allowed.

The danger: our server, sent to `169.254.169.254`, a router or itself. What guards it: the name
is looked up once, every address it has is looked at, the connection goes to the very address that
was looked at (a second look-up could answer otherwise), and a redirect is not followed, or is
looked at as the first address was. And whoever answers a letter at a time would hold up the worker
that sweeps: so a call as a whole has an end. Tests: tests/desk/test_outward.py.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from servanda.kernel.errors import ServandaError, UsageError

_TIMEOUT_S = 10.0  # between two pieces of an answer
_WHOLE_S = 30.0
_CARRIERS = tuple(
    ipaddress.ip_network(each) for each in ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96")
)
"""Networks whose last 32 bits are an IPv4 address: NAT64 (RFC 6052), and two older forms."""
_INSIDE = tuple(
    ipaddress.ip_network(each) for each in ("64:ff9b:1::/48", "fec0::/10", "192.0.0.0/24")
)
"""What Python calls global and is not: local NAT64 (RFC 8215), site-local, and IETF's own."""


class Refused(ServandaError):
    """Not told. `code` says why in a word, without anything the other side said."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the call did not succeed ({code})")
        self.code = code


@dataclass(frozen=True, slots=True)
class Got:
    """A page. `url`: where it was in the end. `headers`: names in lower case."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def check(url: str, *, inside: bool, plain: bool = False) -> SplitResult:
    """The parts of an address that may be called; UsageError for one that may not. `plain`: without
    TLS as well."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError("that is no web address", "write it as https://host/path") from None
    if parts.scheme != "https" and not ((inside or plain) and parts.scheme == "http"):
        raise UsageError("only https addresses are called", "write it as https://host/path")
    if not parts.hostname or parts.username or parts.password or port == 0 or len(url) > 500:
        raise UsageError("that is no web address", "write it as https://host/path")
    if not inside:
        _literal(parts.hostname)
    return parts


def post(url: str, body: bytes, headers: Mapping[str, str], *, inside: bool) -> None:
    """POST, and return when the other side said 2xx. Refused otherwise."""
    status, _, _ = _call("POST", url, body, headers, 1024, inside=inside, plain=False)
    if not 200 <= status < 300:
        raise Refused(f"HTTP {status}")


def get(url: str, headers: Mapping[str, str], *, inside: bool, most: int, hops: int = 4) -> Got:
    """A public page of at most `most` bytes; what is longer is cut. Each redirect is an address
    somebody else typed: it is looked at as the first one was, and never leads inside."""
    for _ in range(hops + 1):
        status, told, body = _call("GET", url, None, headers, most, inside=inside, plain=True)
        if status not in (301, 302, 303, 307, 308) or not told.get("location"):
            break
        try:
            there = urljoin(url, told["location"])
        except ValueError:
            raise Refused("address") from None
        inside = inside and urlsplit(there).netloc == urlsplit(url).netloc
        url = there
    else:
        raise Refused("redirects")
    if not 200 <= status < 300:
        raise Refused(f"HTTP {status}")
    return Got(url, told, body)


def _call(
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    most: int,
    *,
    inside: bool,
    plain: bool,
) -> tuple[int, dict[str, str], bytes]:
    try:
        parts = check(url, inside=inside, plain=plain)
    except UsageError:
        raise Refused("address") from None
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = _connection(parts.scheme, host, port, _address(host, port, inside=inside))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    end = threading.Timer(_WHOLE_S, _cut, (connection,))
    end.daemon = True
    end.start()
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        content = answer.read(most)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Refused(type(error).__name__) from None
    finally:
        end.cancel()
        connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, content


def _cut(connection: http.client.HTTPConnection) -> None:
    """From another thread: whatever it waits for fails now."""
    with suppress(OSError, AttributeError):  # it is over, or not yet connected
        connection.sock.shutdown(socket.SHUT_RDWR)


def _connection(scheme: str, host: str, port: int, address: str) -> http.client.HTTPConnection:
    """To that address, under that name."""

    class Pinned(http.client.HTTPConnection):
        def connect(self) -> None:
            self.sock: Any = socket.create_connection((address, port), _TIMEOUT_S)
            if scheme == "https":
                context = ssl.create_default_context()
                self.sock = context.wrap_socket(
                    self.sock, server_hostname=host, do_handshake_on_connect=False
                )
                self.sock.do_handshake()  # as `sock`, so that `_cut` reaches it

    made = Pinned(host, port, timeout=_TIMEOUT_S)
    if scheme == "https":
        made.default_port = 443  # so that the Host header has no port
    return made


def _address(host: str, port: int, *, inside: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused("name") from None
    addresses = [str(each[4][0]) for each in found]
    if not inside and not all(_outside(each) for each in addresses):
        raise Refused("inside")
    if not addresses:
        raise Refused("name")
    return addresses[0]


def _outside(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    if not found.is_global or found.is_multicast or any(found in each for each in _INSIDE):
        return False
    inner = _inner(found) if isinstance(found, ipaddress.IPv6Address) else None
    return inner is None or (inner.is_global and not inner.is_multicast)


def _inner(found: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a network makes of this one, where it does."""
    if any(found in each for each in _CARRIERS):
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour


def _literal(host: str) -> None:
    try:
        fine = _outside(host)
    except ValueError:
        fine = "." in host and not host.endswith((".localhost", ".local", ".internal"))
    if not fine:
        raise UsageError(
            "that address lies inside your own network",
            "allow it in servanda.toml: [web] webhooks_inside = true",
        )
