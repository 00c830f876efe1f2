"""How often programs may call, and how often somebody may guess a token.

The danger: a program gone wild that leaves nobody else an answer, and tokens tried out. What guards
it: a count for each token, and for each address one of the *different* wrong tokens that came
from it (a program that repeats one old token is no guesser). Counted in memory: pages are one
process, and a stranger must not make us write. Tests: tests/web/api/test_limits.py.
"""

from __future__ import annotations

from django.http import HttpRequest
from ninja.errors import HttpError

from servanda.web.kit import windows
from servanda.web.kit.windows import GUESSES, GUESSES_S, Window, guesses

__all__ = ["CALLS", "GUESSES", "GUESSES_S", "TooOften", "Window", "guesses"]

CALLS, CALLS_S = 600, 60.0


class TooOften(HttpError):
    """`wait`: seconds until it may be tried again."""

    def __init__(self, wait: int) -> None:
        super().__init__(429, "Too many calls.")
        self.wait = wait


calls = Window(CALLS_S)


def check_address(request: HttpRequest) -> None:
    """TooOften for an address from which tokens were guessed."""
    wait = windows.wait(request)
    if wait:
        raise TooOften(wait)


def missed(request: HttpRequest, secret: str) -> None:
    """A token that does not count. Of the secret a digest is kept, and in memory alone."""
    windows.missed(request, secret)


def check_token(id_: int) -> None:
    """Count a call. TooOften for a token that has called too often."""
    wait = calls.wait(id_, CALLS)
    if wait:
        raise TooOften(wait)
    calls.add(id_, object())
