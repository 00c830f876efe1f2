"""One spelling for one identity, so that a hold or a request means the same however it is typed."""

from __future__ import annotations

import unicodedata

from servanda.kernel.errors import UsageError

_LONGEST = 320  # of an e-mail address, the longest thing people are identified by


def normal(kind: str, value: str) -> str:
    """The identity in normal form: composed characters, single spaces, and

    email: lower case. phone: digits, a leading `+`, nothing else, unless letters are in it
    (an extension's name). Other kinds keep their case. UsageError for nothing, or far too much.
    """
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise UsageError(f"that is not a {kind}", "name one identity, such as an e-mail address")
    if kind == "email":
        return text.replace(" ", "").lower()
    if kind == "phone" and not any(c.isalpha() for c in text):
        digits = "".join(c for c in text if c.isdigit())
        if not digits:
            raise UsageError(f"that is not a {kind}", "a telephone number has digits")
        return f"+{digits}" if text.startswith(("+", "00")) and len(digits) > 7 else digits
    return text
