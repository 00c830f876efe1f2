"""Tokens of the API: no more than their maker may, and not for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from servanda.desk import tokens
from servanda.kernel.errors import UsageError
from servanda.state.models import Token

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_token_counts_until_it_expires_or_is_revoked(each_state: str) -> None:
    first, secret = tokens.make("a", ["board"], 30, by="member 1", role="owner", now=NOW)
    second, other = tokens.make("b", ["plans"], 30, by="member 1", role="owner", now=NOW)
    assert tokens.find(secret, NOW) == first
    assert tokens.find(other, NOW) == second
    assert tokens.find(secret + "x", NOW) is None
    assert tokens.find("", NOW) is None
    tokens.revoke(first.pk, NOW)
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
