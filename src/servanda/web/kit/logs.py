"""Addresses in the server's log, without the secrets that stand in some of them.

The danger: whoever reads a log follows somebody's request. What guards it: of addresses with a
secret only the beginning is logged. Test: tests/web/portal/test_follow.py.
"""

from __future__ import annotations

import logging
import re

_SECRET = re.compile(r"(/privacy/(?:follow|confirm)/|/accounts/join/)[^/\s]+")


class Masked(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                _SECRET.sub(r"\1…", each) if isinstance(each, str) else each for each in record.args
            )
        return True


def mask() -> None:
    """Once for a process; again does nothing."""
    logger = logging.getLogger("django.request")
    if not any(isinstance(each, Masked) for each in logger.filters):
        logger.addFilter(Masked())
