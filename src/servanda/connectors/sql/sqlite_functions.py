"""Functions that SQLite lacks, in Python, registered on every connection as deterministic."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

from servanda.connectors.sql import isotext, textclock
from servanda.kernel import identity
from servanda.kernel.erased import ENDING


def register(connection: sqlite3.Connection) -> None:
    """Make the functions known to one connection."""
    for name, arguments, function in (
        ("sv_hmac", 2, pseudonym),
        ("sv_ending", 1, ending),
        ("sv_contains", 2, contains),
        ("sv_folded", 2, folded),
        ("sv_bare", 1, bare),
        ("sv_match", 2, match),
        ("sv_replace", 3, replace),
        ("sv_iso_by", 4, isotext.by),
        ("sv_sortable", 2, textclock.sortable),
        ("sv_same", 2, same),
        ("sv_number", 2, number),
        ("sv_ip", 1, network),
        ("sv_epoch", 3, epoch),
        ("sv_moment", 2, moment),
        ("sv_unmarked", 1, unmarked),
    ):
        connection.create_function(name, arguments, function, deterministic=True)


def pseudonym(key: bytes, value: object) -> str | None:
    """`ps_` and 32 hex digits of HMAC-SHA256; null and blank stay what they are."""
    if value is None or value == "":
        return value if value is None else ""
    raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
    return "ps_" + hmac.new(key, raw, hashlib.sha256).hexdigest()[:32]


def ending(value: object) -> str:
    """`.wav` of a file's name; blank where it has none."""
    found = re.search(rf"{ENDING}\Z", str(value))
    return found[0] if found else ""


def contains(value: object, folded: str) -> int:
    """Whether the value, as text, holds the casefolded text."""
    if value is None:
        return 0
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
    return int(folded in text.casefold())


def folded(value: object, fold: str) -> str:
    """The identity in the form that all its spellings share; blank where it is none."""
    return identity.folded(fold, value) or ""


def bare(value: object) -> str:
    """Letters and digits alone."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return _NOT_BARE.sub("", text)


_NOT_BARE = re.compile("[^0-9a-zA-Z]")


def match(text: object, pattern: str) -> int | None:
    """Whether the regular expression is found in the text."""
    return None if text is None else int(re.search(pattern, str(text)) is not None)


def replace(text: object, pattern: str, by: str) -> str | None:
    """The text with every match replaced."""
    return None if text is None else re.sub(pattern, by, str(text))


def same(left: object, right: object) -> int:
    """The same value of the same type; text and number are never the same."""
    return int(type(left) is type(right) and left == right)


def number(value: object, step: int) -> int | str | None:
    """Down to a multiple of the step, as number or text like the value; None where it is none."""
    try:
        if isinstance(value, int):
            return value // step * step
        if isinstance(value, float):
            return int(value // step * step)
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            return str(int(float(value) // step * step))
    except (OverflowError, ValueError):
        return None
    return None


_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,9})?")


def network(value: object) -> str | None:
    """IPv4 to /24, IPv6 to /48; None where it is no address."""
    try:
        address = ipaddress.ip_address(str(value).strip())
    except ValueError:
        return None
    if "%" in str(address):  # a zone index names an interface of one machine
        return None
    bits = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network((address, bits), strict=False)[0])


def epoch(value: object, unit: str, scale: int) -> int | None:
    """Seconds (or milliseconds) since 1970 down to the start of a UTC year, month or decade."""
    if not isinstance(value, int | float):
        return None
    try:
        moment = _EPOCH + timedelta(seconds=value // scale)
    except OverflowError:
        return None
    year = moment.year // 10 * 10 if unit == "decade" else moment.year
    first = datetime(max(year, 1), moment.month if unit == "month" else 1, 1, tzinfo=UTC)
    return (first - _EPOCH) // timedelta(seconds=1) * scale


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def marked(instant: datetime) -> str:
    """A moment in the one form in which `moment` gives it."""
    return f"@{instant.astimezone(UTC).isoformat()}"


def moment(value: Any, zone_key: str) -> Any:
    """A text that is a moment, in one form whatever form it has; anything else as it is."""
    found = isotext.decode(value, isotext.zone_of(zone_key))
    return value if found is None else marked(found)


def unmarked(text: str) -> bytes | float | int | str:
    """A value that JSON could not carry as it is: its kind is told by the first letter."""
    kind, rest = text[0], text[1:]
    match kind:
        case "x":
            return bytes.fromhex(rest)
        case "f":
            return float(rest)
        case "i":
            return int(rest)
        case "s":
            return bytes.fromhex(rest).decode()
        case _:
            return rest
