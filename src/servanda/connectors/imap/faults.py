"""The mail server's errors as ours. Servers quote names and subjects, so none of their text is
passed on: only the response code in brackets, which is a word of the protocol."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from servanda.connectors.imap.wire import Unreadable
from servanda.kernel.errors import ServandaError, StoreBusy, StoreRefused, StoreUnreachable

_CODE = re.compile(r"\[([A-Z][A-Z0-9-]*)")
_LATER = {"INUSE", "UNAVAILABLE", "LIMIT", "EXPUNGEISSUED", "CONTACTADMIN"}
_REMEDY = {
    "OVERQUOTA": "make room in the mailbox, or raise its quota",
    "NOPERM": "give the user the right to delete messages there",
    "READ-ONLY": "give the user the right to delete messages there",
    "NONEXISTENT": "run `servanda inventory`: the mailbox is not there any more",
}


def code_of(answer: object) -> str:
    """`OVERQUOTA` of `[OVERQUOTA] …`; blank where the server gives none."""
    found = _CODE.search(str(answer))
    return found[1] if found else ""


def refused(store: str, answer: object) -> ServandaError:
    """What the server answered with NO or BAD."""
    code = code_of(answer)
    said = f" ({code})" if code else ""
    what = f'store "{store}": the mail server refused{said}'
    if code in _LATER:
        return StoreBusy(what, "it is tried again")
    return StoreRefused(what, _REMEDY.get(code, "look at the mail server's log"))


@contextmanager
def translated(store: str) -> Iterator[None]:
    """Turn an error of the protocol, the connection or the certificate into one of the port."""
    try:
        yield
    except imaplib.IMAP4.readonly as error:
        raise refused(store, "[READ-ONLY]") from error
    except imaplib.IMAP4.abort:
        raise StoreUnreachable(store, "the mail server ended the connection") from None
    except imaplib.IMAP4.error as error:
        raise refused(store, error) from None
    except ssl.SSLCertVerificationError as error:
        raise StoreUnreachable(store, f"its certificate: {error.verify_message}") from None
    except ssl.SSLError:
        raise StoreUnreachable(store, "no encrypted connection came about") from None
    except TimeoutError:
        raise StoreBusy(
            f'store "{store}": the mail server did not answer in time',
            "it is tried again; raise limit.statement_timeout if it is slow",
        ) from None
    except (socket.gaierror, ConnectionError) as error:
        raise StoreUnreachable(store, (error.strerror or "connection lost").lower()) from None
    except OSError as error:
        raise StoreUnreachable(store, (error.strerror or "connection lost").lower()) from None
    except Unreadable:
        raise StoreRefused(
            f'store "{store}": an answer of the mail server cannot be read',
            "report this as a fault, with the server's product and version",
        ) from None
