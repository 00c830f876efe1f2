"""What the server's log says: addresses without the secrets in them, errors without their words.

The danger: whoever reads a log follows somebody's request, or reads in the message of an error what
a database had to say of somebody. What guards it: of addresses with a secret only the beginning is
logged; of an error its kind and where it happened, of a refusal one line; callers' addresses not at
all. Tests: tests/web/portal/test_follow.py, tests/web/test_logs.py.
"""

from __future__ import annotations

import logging
import re
import traceback

_SECRET = re.compile(
    r"(/privacy/(?:follow|confirm)/|/accounts/join/|/accounts/password/reset/key/)[^/\s]+"
)
_CALLER = re.compile(r"\bip=.*?: ")  # of a caller whose request gunicorn cannot read
_LOGGERS = ("django.request", "django.security.csrf", "gunicorn.error")


class Masked(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                _SECRET.sub(r"\1…", each) if isinstance(each, str) else each for each in record.args
            )
        if isinstance(record.msg, str):
            record.msg = _CALLER.sub("ip=…: ", _SECRET.sub(r"\1…", record.msg))
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            said = record.getMessage()
            if getattr(record, "status_code", 500) >= 500:  # a refusal is no fault of ours
                said += f"\n{''.join(traceback.format_tb(trace))}{kind.__name__}"
            record.msg = said
            record.args, record.exc_info, record.exc_text = None, None, None
        return True


def mask() -> None:
    """Once for a process; again does nothing."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, Masked) for each in logger.filters):
            logger.addFilter(Masked())
