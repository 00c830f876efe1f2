"""What mails there are, what may be said in each, and what must be.

The danger: a company writes its own words and loses what a law wants said: by when there is an
answer, how to confirm, the letter itself. So each kind has placeholders that no template may leave
out. Tests: tests/desk/test_mailwords.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

_ALWAYS = {
    "organisation": "your company, as in policy.yaml",
    "contact": "its address for questions, as in policy.yaml",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """`placeholders`: what each stands for. `required`: those that no template may leave out.
    `first`: a pair of which one must stand before the other, and why."""

    says: str
    placeholders: Mapping[str, str]
    required: frozenset[str]
    first: tuple[str, str, str] | None = None


def _kind(says: str, required: Mapping[str, str], **more: str) -> Kind:
    return Kind(says, {**required, **more, **_ALWAYS}, frozenset(required))


KINDS: Mapping[str, Kind] = {
    "confirm": replace(
        _kind(
            "a mail arrived that may be a request: its sender is asked to confirm it",
            {
                "link": "the page on which to confirm",
                "token": "what to write into an answer, to confirm without the page",
                "until": "the last day to confirm",
            },
            received="the day the mail arrived",
        ),
        # See `confirming.tokens_in`.
        first=("link", "token", "else an answer that only quotes the mail would confirm"),
    ),
    "card": _kind(
        "a mail holds a card number and was not taken in: its sender is told",
        {"link": "the page on which to make a request"},
        received="the day the mail arrived",
    ),
    "code": _kind(
        "a one-time code, to make sure who asks",
        {"code": "the code", "until": "until when it counts"},
        reference="the request's number",
    ),
    "received": _kind(
        "a request is received",
        {
            "reference": "the request's number",
            "due": "by when we answer",
            "link": "the page on which to follow it",
        },
        right="what was asked for",
        received="the day it arrived",
    ),
    "ready": _kind(
        "the answer is ready to be fetched",
        {
            "reference": "the request's number",
            "link": "the page on which to fetch it",
            "until": "the last day to fetch it",
        },
        right="what was asked for",
    ),
    "letter": _kind(
        "a letter, in full",
        {"letter": "the letter's whole text"},
        reference="the request's number",
    ),
}
