"""File names as text that survives JSON.

A POSIX name is bytes, and not all bytes are text. A name that is plain UTF-8 stands for itself.
Any other, and one that happens to begin with our marker, is written `base64:` and its bytes, so
no two names share a text and each text gives its name back exactly.

Inside the connector names are `str` with surrogate escapes, as `os` gives them; this form is
for what leaves it: keys, fields, bounds.
"""

from __future__ import annotations

import base64
import binascii
import os

MARK = "base64:"


def to_text(name: str) -> str:
    """Lossless, JSON-able text of a name or relative path."""
    if name.isascii() and not name.startswith(MARK):
        return name
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        pass
    else:
        if not name.startswith(MARK):
            return name
    return MARK + base64.b64encode(os.fsencode(name)).decode("ascii")


def from_text(text: str) -> str:
    """Inverse of `to_text`; ValueError on a marked text that is not base64."""
    if not text.startswith(MARK):
        return text
    try:
        return os.fsdecode(base64.b64decode(text[len(MARK) :], validate=True))
    except binascii.Error as error:
        raise ValueError("not an encoded file name") from error
