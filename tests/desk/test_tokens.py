"""Tokens of the API: no more than their maker may, and not for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from servanda import ledger
from servanda.desk import tokens
from servanda.kernel.errors import UsageError
from servanda.ledger.entries import KINDS
from servanda.state.models import Token

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_token_counts_until_it_expires_or_is_revoked(each_state: str) -> None:
    first, secret = tokens.make("a", ["board"], 30, by="member 1", role="owner", now=NOW)
    second, other = tokens.make("b", ["plans"], 30, by="member 1", role="owner", now=NOW)
    assert tokens.find(secret, NOW) == first
    assert tokens.find(other, NOW) == second
    assert tokens.find(secret + "x", NOW) is None
    assert tokens.find("", NOW) is None
    tokens.revoke(first.pk, by="member 2", now=NOW)
    assert tokens.find(secret, NOW) is None
    assert tokens.find(other, NOW + timedelta(days=29)) is not None
    assert tokens.find(other, NOW + timedelta(days=30)) is None
    assert secret not in str(list(Token.objects.values()))


@pytest.mark.parametrize(
    ("scopes", "days", "role"),
    [
        (["nothing"], 30, "owner"),
        ([], 30, "owner"),
        (["board"], 0, "owner"),
        (["board"], 400, "owner"),
        (["decide"], 30, "support"),
        (["board"], 30, "nobody"),
    ],
)
def test_more_than_the_maker_may_is_refused(
    each_state: str, scopes: list[str], days: int, role: str
) -> None:
    with pytest.raises(UsageError):
        tokens.make("a", scopes, days, by="member 1", role=role, now=NOW)
    assert Token.objects.count() == 0


def test_a_program_is_the_person_who_made_its_token(each_state: str) -> None:
    row, _ = tokens.make("a", ["board"], 30, by="member 7", role="owner", now=NOW)
    assert tokens.behind(f"token {row.pk}") == "member 7"
    for each in ("member 7", "token 99", "token x", "token", "", "cron", "token ²"):
        assert tokens.behind(each) == each


def test_what_is_made_and_revoked_is_on_record(each_state: str) -> None:
    row, _ = tokens.make("a", ["board"], 30, by="member 7", role="owner", now=NOW)
    tokens.revoke(row.pk, by="member 8", now=NOW)
    tokens.revoke(row.pk, by="member 9", now=NOW)  # it was over
    found = [(e.kind, e.data["token"], e.data["by"]) for e in ledger.history.entries(tuple(KINDS))]
    assert found == [("token.made", row.pk, "member 7"), ("token.revoked", row.pk, "member 8")]
    with pytest.raises(UsageError):
        tokens.revoke(99, by="member 8")


def test_a_token_ends_with_the_one_it_was_made_with(each_state: str) -> None:
    until = NOW + timedelta(days=3)
    row, _ = tokens.make("a", ["board"], 30, by="x", role="owner", until=until, now=NOW)
    assert row.expires_at == until
