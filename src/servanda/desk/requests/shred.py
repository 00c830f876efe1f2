"""Destroy a file: overwritten where it lies, removed, and its absence looked at.

The danger: another file destroyed than the one meant. What guards it: only a plain file with one
name is touched, never what a link points to. Where a file system keeps old blocks (copies on
write, flash memory, backups), overwriting does not reach them: docs/how-to/requests.md says so.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from servanda.kernel.durable import make_durable
from servanda.kernel.errors import ServandaError, UsageError

_PIECE = 1 << 20


def shred(path: Path) -> None:
    """UsageError, and nothing touched, where it is not a plain file with one name."""
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise UsageError(
                "the document is not a plain file with one name",
                "name the file itself, not a link to it, and remove its other names",
            )
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            left = found.st_size
            while left > 0:
                left -= file.write(bytes(min(left, _PIECE)))
            os.fsync(file.fileno())
        path.unlink()
        make_durable(path.parent)
    except FileNotFoundError:
        raise UsageError("there is no such file", "check --file; leave it out for paper") from None
    except OSError as error:
        raise ServandaError(
            f"the document could not be destroyed ({error.strerror})",
            "nobody is verified yet; remove the file, then verify without --file",
        ) from None
    if os.path.lexists(path):
        raise ServandaError("the document is there again", "see who writes there, and try again")
