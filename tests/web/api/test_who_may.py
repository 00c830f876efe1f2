"""Every call × every scope: a token opens what its scopes say and nothing else, and no longer than
the member who made it may. The calls are those of the description; none can be forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from servanda.desk import tokens
from servanda.desk.roles import PERSONAL, May, may
from servanda.runtime.workspace import Workspace
from servanda.state.models import Job, Read, Request, Token
from servanda.web.api import limits
from servanda.web.api.auth import scope
from servanda.web.api.describing import auth_of, calls
from servanda.web.api.urls import api
from servanda.web.models import Member
from tests.web.api.conftest import Call
from tests.web.api.conftest import Token as Make
from tests.web.api.world import Filled, filled

SAMPLES = {"form": "contact", "name": "nobody", "file": "policy.yaml", "run": "x", "branch": "x"}


def path_of(path: str, there: Filled | None = None) -> str:
    """With every part filled: by what is there, or by what is not."""
    if there is None:
        found = {"ref": 990, "id": 990, "contact": 990, "number": 990, "other": 991, "digest": "x"}
    else:
        found = {"ref": there.requests[0], "contact": there.contact, "digest": there.plan}
        if "customers" in path:
            found["ref"] = there.customer
        found["id"] = there.hold if path.startswith("/holds") else 1
    numbers = {"index": 0, "size": 0, "old": 0, "new": 0}
    return path.format(**{**SAMPLES, **numbers, **found})


CALLS = [(path, method, auth_of(each)) for path, method, each in calls(api)]


def test_every_call_says_who_may() -> None:
    assert [path for path, _, auth in CALLS if auth is None] == []
    assert len(CALLS) > 90
    ids = [f"{method} {path}" for path, method, _ in CALLS]
    assert len(ids) == len(set(ids))


def test_every_scope_opens_something_and_every_personal_one_says_whose() -> None:
    wanted = {auth.name for _, _, auth in CALLS if auth}
    assert wanted == set(tokens.SCOPES)
    for _, _, auth in CALLS:
        assert auth is not None and (auth.right in PERSONAL) == bool(auth.about)
    with pytest.raises(TypeError):
        scope("request")
    with pytest.raises(TypeError):
        scope("board", "board")


def test_what_is_named_on_record_has_one_name() -> None:
    """`007` and `7` are one request: whoever looks for its reads finds all of them."""
    for path, _, operation in [(op.path, m, op) for _, m, op in calls(api)]:
        auth = auth_of(operation)
        if auth and "{" in auth.about:
            part = auth.about.partition("{")[2].rstrip("}")
            assert f"{{int:{part}}}" in path, path


def test_a_token_opens_what_its_scopes_say(call: Call, token: Make, site: Workspace) -> None:
    wrong = []
    for name in tokens.SCOPES:
        secret = token(name)
        for path, method, auth in CALLS:
            assert auth is not None
            told = call(method.upper(), path_of(path), secret=secret)
            if (told.status_code == 403) == (set(auth.needs) <= {name}):
                wrong.append((name, method, path, told.status_code))
            assert told.status_code not in (401, 405) and told.status_code < 500, path
    assert wrong == []


def test_without_a_token_that_counts_there_is_nothing(
    call: Call, token: Make, owner: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "GUESSES", 1_000_000)
    expired, revoked = token(), token()
    Token.objects.filter(hash=tokens._hash(expired)).update(
        expires_at=datetime.now(UTC) - timedelta(seconds=1)
    )
    tokens.revoke(Token.objects.get(hash=tokens._hash(revoked)).pk, by=owner.by)
    for path, method, _ in CALLS:
        for told in (
            call(method.upper(), path_of(path), Authorization=""),
            call(method.upper(), path_of(path), secret="svd_nothing"),
            call(method.upper(), path_of(path), secret=expired),
            call(method.upper(), path_of(path), secret=revoked),
        ):
            assert told.status_code == 401, (method, path, told.status_code)
            assert told.headers["WWW-Authenticate"] == "Bearer"
    assert Job.objects.count() == 0 and Request.objects.count() == 0


def test_a_token_goes_with_its_member(call: Call, token: Make) -> None:
    leaver = Member.objects.create_user("leaver@firm.test", None, name="L", role="owner")
    other = Member.objects.create_user("other@firm.test", None, name="O", role="owner")
    theirs, others = token(of=leaver), token(of=other)
    assert call("GET", "/plans", secret=theirs).status_code == 200
    Member.objects.filter(pk=leaver.pk).update(is_active=False)
    assert call("GET", "/plans", secret=theirs).status_code == 401
    assert call("GET", "/plans", secret=others).status_code == 200
    Member.objects.filter(pk=leaver.pk).delete()
    assert call("GET", "/plans", secret=theirs).status_code == 401


def test_a_token_loses_what_its_member_loses(
    call: Call, token: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CALLS", 1_000_000)
    mover = Member.objects.create_user("mover@firm.test", None, name="M", role="owner")
    secret = token(of=mover)
    for role in ("owner", "engineer", "support", "auditor", "customer", "nobody"):
        Member.objects.filter(pk=mover.pk).update(role=role)
        for path, method, auth in CALLS:
            assert auth is not None
            allowed = all(may(role, tokens.SCOPES[each]) for each in auth.needs)
            told = call(method.upper(), path_of(path), secret=secret)
            assert (told.status_code != 403) == allowed or "than it has" in str(told.content), (
                role,
                path,
            )


def test_no_member_no_token(call: Call) -> None:
    secret = tokens.make("x", ["board"], 9, by="somebody", role="owner")[1]
    assert call("GET", "/board", secret=secret).status_code == 401


def _given(told: Any) -> bool:
    """Whether an answer holds more than where something stands, or a word that it was done."""
    if told.status_code not in (200, 201, 202):
        return False
    if not told.headers["Content-Type"].startswith("application/json"):
        return True
    bare = {"ref", "state", "id", "done", "erased", "verified", "count", "kind", "contacts"}
    body = told.json()
    return isinstance(body, list) or not (set(body) <= bare or "made_at" in body)


def test_what_is_given_of_people_is_on_record_first(call: Call, site: Workspace) -> None:
    there = filled(site)
    given = refused = 0
    for path, method, auth in CALLS:
        if auth is None or not auth.about:
            continue
        before = Read.objects.filter(refused="").count()
        told = call(method.upper(), path_of(path, there), {} if method == "post" else None)
        if _given(told):
            given += 1
            assert Read.objects.filter(refused="").count() > before, path
        not_said = Read.objects.exclude(refused="").count()
        told = call(method.upper(), path_of(path, there), **{"X-Purpose": ""})
        assert told.status_code == 403 and "X-Purpose" in told.json()["error"]
        told = call(method.upper(), path_of(path, there), **{"X-Purpose": "curiosity"})
        assert told.status_code == 403
        assert Read.objects.exclude(refused="").count() == not_said + 2, path
        refused += 1
    assert given >= 13 and refused > 40


def test_where_the_record_cannot_be_written_nothing_is_given(
    call: Call, site: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from servanda.desk import access
    from servanda.kernel.errors import ServandaError

    there = filled(site)

    def broken(*_: object, **__: object) -> None:
        raise ServandaError("the record cannot be written")

    monkeypatch.setattr(access, "read", broken)
    for path, method, auth in CALLS:
        if auth is None or not auth.about or method != "get":
            continue
        asked = "?token=x" if path.endswith("/play") else ""
        told = call("GET", path_of(path, there) + asked)
        assert told.status_code in (404, 409), path
        assert "ann@" not in str(told.content) and "Nuala" not in str(told.content)


def test_right_names_are_those_of_roles() -> None:
    assert set(tokens.SCOPES.values()) == set(May) - {May.OWN_TENANT, May.READ}
