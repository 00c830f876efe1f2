"""The operating system's errors as ours. No message names a file: a name may be a person's."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from servanda.kernel.errors import ServandaError, StoreBusy, StoreRefused, StoreUnreachable

_GONE_AWAY = {errno.EIO, errno.ESTALE, errno.ENXIO, errno.ENODEV, errno.ETIMEDOUT, errno.ENOTCONN}
_BUSY = {errno.EAGAIN, errno.EBUSY, errno.ETXTBSY, errno.EINTR, errno.EDEADLK, errno.ENOLCK}
_REMEDY = {
    errno.EACCES: "give the user that runs Servanda access to the whole folder",
    errno.EPERM: "look for an immutable attribute, or a user without the right to change it",
    errno.EROFS: "the file system is mounted read-only",
    errno.ENOSPC: "make room on the file system",
    errno.EDQUOT: "raise the quota",
    errno.EMFILE: "raise the limit of open files",
}


def why(number: int | None) -> str:
    return os.strerror(number or 0).lower()


def remedy(number: int | None) -> str:
    return _REMEDY.get(number or 0, "look at the system's log")


def translate(store: str, error: OSError) -> ServandaError:
    if error.errno in _GONE_AWAY:
        return StoreUnreachable(store, why(error.errno))
    what = f'store "{store}": the file system refused ({why(error.errno)})'
    if error.errno in _BUSY:
        return StoreBusy(what, remedy(error.errno))
    return StoreRefused(what, remedy(error.errno))


@contextmanager
def translated(store: str) -> Iterator[None]:
    """Turn an OSError from within into an error of the port."""
    try:
        yield
    except OSError as error:
        raise translate(store, error) from error
