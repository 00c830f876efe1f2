"""The same call with the same key is done once, and answered the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from servanda.state.models import Answered, Job
from servanda.web.kit import tidy
from tests.web.api.conftest import Call


def test_the_same_key_is_done_once(call: Call) -> None:
    first = call("POST", "/plans", **{"Idempotency-Key": "k1"})
    again = call("POST", "/plans", **{"Idempotency-Key": "k1"})
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replay"] == "true"
    assert Job.objects.count() == 1
    assert b"plan" not in bytes(Answered.objects.get().answer)


def test_a_key_is_for_one_call_only(call: Call) -> None:
    job = call("POST", "/plans", **{"Idempotency-Key": "k1"}).json()
    told = call("POST", f"/jobs/{job['id']}/stop", **{"Idempotency-Key": "k1"})
    assert told.status_code == 422
    assert Job.objects.get().state == "waiting"
    other = call("POST", f"/jobs/{job['id']}/stop", **{"Idempotency-Key": "k2"})
    assert other.json()["state"] == "stopped"


def test_what_failed_is_not_kept(call: Call) -> None:
    told = call("POST", "/plans/abc/apply", {"confirm": 0}, **{"Idempotency-Key": "k1"})
    assert told.status_code == 404
    assert Answered.objects.count() == 0


def test_an_answer_is_kept_a_day(call: Call) -> None:
    call("POST", "/plans", **{"Idempotency-Key": "k1"})
    now = datetime.now(UTC)
    assert tidy.forget_answers(now + timedelta(hours=23)) == 0
    assert tidy.forget_answers(now + timedelta(hours=25)) == 1
    again = call("POST", "/plans", **{"Idempotency-Key": "k1"})
    assert "Idempotent-Replay" not in again.headers
