"""Text out of a message: headers decoded, addresses in one spelling, bodies without their markup.

Nothing here may fail on what strangers send: what cannot be decoded is shown as far as it can.
"""

from __future__ import annotations

import base64
import binascii
import quopri
from collections.abc import Iterator
from email import utils
from email.header import decode_header
from html.parser import HTMLParser
from urllib.parse import unquote_to_bytes


def header_text(raw: str | None) -> str | None:
    """A header's value: unfolded, encoded words and stray bytes decoded, trimmed."""
    if raw is None:
        return None
    unfolded = raw.replace("\r\n", "").replace("\n", "").replace("\r", "")
    try:
        parts = decode_header(unfolded)
    except (ValueError, binascii.Error):
        parts = [(unfolded, None)]
    return _clean("".join(_piece(each, charset) for each, charset in parts)).strip()


def _piece(piece: str | bytes, charset: str | None) -> str:
    """One run of a header; between encoded words `decode_header` gives the rest as escapes."""
    if isinstance(piece, str):
        return piece
    if charset is None:
        return piece.decode("raw-unicode-escape", "replace")
    return decoded(piece, charset)


def decoded(content: bytes, charset: str | None) -> str:
    for name in (charset, "utf-8"):
        try:
            return content.decode(name or "utf-8")
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1")


def _clean(text: str) -> str:
    """Bytes that the parser smuggled through as halves of surrogates, read as what they were."""
    if all(not "\ud800" <= each <= "\udfff" for each in text):
        return text
    try:
        return decoded(text.encode("utf-8", "surrogateescape"), None)
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()


def addresses(raws: list[str]) -> tuple[str, str]:
    """(addresses in small letters, names), each joined with commas in the header's order."""
    pairs = _parsed([_clean(raw) for raw in raws])
    mails = [mail.strip().lower() for _, mail in pairs if mail.strip()]
    names = (header_text(name) or "" for name, _ in pairs)
    if not mails:  # nobody can read it as addresses: then all of it stands for them
        mails = [header_text(raw) or "" for raw in raws]
    return ", ".join(mails), ", ".join(filter(None, names))


def _parsed(raws: list[str]) -> list[tuple[str, str]]:
    """Strict parsing gives nothing at all for a list with one odd address in it."""
    if getattr(utils, "supports_strict_parsing", False):
        return utils.getaddresses(raws, strict=False)
    return utils.getaddresses(raws)


def file_name(params: dict[str, str]) -> str | None:
    """Of an attachment, from `filename` or `name`, plain, encoded, or in numbered pieces."""
    for key in ("filename", "name"):
        if f"{key}*" in params:
            return _extended(params[f"{key}*"])
        if f"{key}*0*" in params or f"{key}*0" in params:
            return _clean(_pieces(params, key))
        if key in params:
            return header_text(params[key])
    return None


def _pieces(params: dict[str, str], key: str) -> str:
    found, number, extended = "", 0, False
    while True:
        if (piece := params.get(f"{key}*{number}*")) is not None:
            extended = True
        elif (piece := params.get(f"{key}*{number}")) is None:
            break
        found, number = found + piece, number + 1
    return _extended(found) if extended else found


def _extended(value: str) -> str:
    """`utf-8''%C3%A4.pdf`, as RFC 2231 writes what is not ASCII."""
    charset, first, rest = value.partition("'")
    _, second, text = rest.partition("'")
    if not (first and second):
        return _clean(unquote_to_bytes(value).decode("utf-8", "surrogateescape"))
    return decoded(unquote_to_bytes(text), charset)


def body_text(content: bytes, encoding: str, charset: str | None, *, html: bool) -> str:
    """A part's text as a reader sees it, with line ends of one character."""
    match encoding:
        case "base64":
            content = _base64(content)
        case "quoted-printable":
            content = quopri.decodestring(content)
    text = decoded(content, charset).replace("\r\n", "\n")
    return "".join(_Words.of(text)) if html else text


def _base64(content: bytes) -> bytes:
    """Of what there is: a part that was cut short gives what came through."""
    letters = bytes(each for each in content if each not in b" \t\r\n=")
    try:
        return base64.b64decode(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return base64.b64decode(letters[: len(letters) // 4 * 4])


class _Words(HTMLParser):
    """The words of a page. Comments and scripts stay: they may name a person too."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    @classmethod
    def of(cls, page: str) -> Iterator[str]:
        parser = cls()
        parser.feed(page)
        parser.close()
        yield from parser.found

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_comment(self, data: str) -> None:
        self.found.append(data)
