"""Evidence told to programs: in order, signed, again after a failure, only what is new."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from servanda import ledger
from servanda.desk import webhooks
from servanda.desk.outward import Refused
from servanda.state.models import Webhook

MASTER = bytes(range(32))
NOW = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://hooks.example.com/servanda"


class Other:
    """The other side: takes what it gets, or refuses."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, dict[str, str]]] = []
        self.refuses = ""

    def __call__(self, url: str, body: bytes, headers: dict[str, str], *, inside: bool) -> None:
        if self.refuses:
            raise Refused(self.refuses)
        assert url == URL
        self.got.append((body, headers))

    @property
    def told(self) -> list[int]:
        return [json.loads(body)["index"] for body, _ in self.got]


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Other:
    found = Other()
    monkeypatch.setattr(webhooks, "post", found)
    return found


def _happens(*kinds: str) -> None:
    ledger.append([{"kind": kind} for kind in kinds])


def test_what_is_new_is_told_in_order_and_signed(each_state: str, other: Other) -> None:
    _happens("census", "replay")
    _, secret = webhooks.add(URL, ["census", "run.ended"], by="me", master=MASTER)
    _happens("run.ended", "replay", "census")
    assert webhooks.deliver(MASTER) == 2
    assert other.told == [3, 5]  # it was itself put on record, as entry 2
    key = base64.b64decode(secret.removeprefix("whsec_"))
    for body, headers in other.got:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
    assert webhooks.deliver(MASTER) == 0
    assert key not in bytes(Webhook.objects.get().secret)


def test_a_failure_is_tried_again_later_and_nothing_is_skipped(
    each_state: str, other: Other
) -> None:
    webhooks.add(URL, ["census"], by="me", master=MASTER, now=NOW)
    _happens("census", "census", "census")
    other.refuses = "HTTP 503"
    assert webhooks.deliver(MASTER, now=NOW) == 0
    assert webhooks.listed()[0].error == "HTTP 503"
    other.refuses = ""
    assert webhooks.deliver(MASTER, now=NOW) == 0  # not yet
    assert webhooks.deliver(MASTER, now=NOW + timedelta(seconds=6)) == 3
    assert other.told == [1, 2, 3]
    assert webhooks.listed()[0].failing_since is None


def test_one_that_fails_for_days_is_given_up_and_can_be_started_again(
    each_state: str, other: Other
) -> None:
    row, _ = webhooks.add(URL, ["census"], by="me", master=MASTER, now=NOW)
    _happens("census")
    other.refuses = "TimeoutError"
    for hours in (0, 1, 30, 80):
        webhooks.deliver(MASTER, now=NOW + timedelta(hours=hours))
    assert webhooks.listed()[0].stopped_at is not None
    other.refuses = ""
    assert webhooks.deliver(MASTER, now=NOW + timedelta(hours=90)) == 0
    webhooks.start_again(row.pk, now=NOW + timedelta(hours=91))
    assert webhooks.deliver(MASTER, now=NOW + timedelta(hours=91)) == 1
