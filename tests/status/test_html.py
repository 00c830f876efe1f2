"""The HTML board: one file, safe against what a policy says, told by word and not by colour."""

from __future__ import annotations

from html.parser import HTMLParser

from servanda.status import board
from servanda.status.html import age_words, render
from tests.status.entries import CONTROL, Ledger, day, promise


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page(*promises: dict[str, object]) -> Tags:
    ledger = Ledger()
    ledger.policy("2026-01-01", *promises)
    ledger.sweep("2026-01-02", cdr=3)
    return Tags(render(board(ledger.entries, day("2026-01-02"))))


def test_it_names_promise_verdict_reason_and_age() -> None:
    text = page().text
    for said in ("We promise P-1.", "✗ broken", "3 past the ceiling", "Oldest proof 10 hours old"):
        assert said in text


def test_it_names_who_answers_for_a_promise_where_the_policy_says() -> None:
    owned = {**promise("P-1", CONTROL), "owner": "privacy <lead>"}
    text = page(owned, promise("P-2", CONTROL)).text
    assert "answers for it: privacy <lead>" in text
    assert text.count("answers for it") == 1


def test_it_needs_no_script_and_nothing_from_outside() -> None:
    found = page()
    assert not [tag for tag, _ in found.seen if tag in ("script", "link", "img", "iframe")]
    assert not [a for _, attrs in found.seen for a in attrs if a in ("src", "href", "style")]
    policy = next(a["content"] for t, a in found.seen if t == "meta" and "http-equiv" in a)
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_words_of_a_policy_cannot_become_markup() -> None:
    evil = {**promise("P-1", CONTROL), "says": "<script>alert(1)</script>"}
    found = page(evil)
    assert "<script>alert(1)</script>" in found.text
    assert not [tag for tag, _ in found.seen if tag == "script"]


def test_ages_in_words() -> None:
    now = day("2026-01-10")
    assert age_words(day("2026-01-09"), now) == "1 day old"
    assert age_words(day("2026-01-01"), now) == "9 days old"
    assert age_words(now, now) == "just made"
