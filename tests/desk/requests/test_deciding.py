"""Refusals need a ground of the law that applies; some requests may never be refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda.desk.requests import identity
from servanda.kernel.errors import UsageError
from tests.desk.requests.desk_world import NOW, entries, make, opened


def test_grounds_are_of_the_place_and_right(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    british, kenyan = opened(desk, "erasure"), opened(desk, "erasure", place="KE")
    access = opened(desk)
    assert "expression" in desk.grounds(british)
    assert "evidence_needed" in desk.grounds(kenyan)
    assert "evidence_needed" not in desk.grounds(british)
    assert "expression" not in desk.grounds(access)
    with pytest.raises(UsageError, match=r"give one of: .*others_rights"):
        desk.decide(access, "refuse", ["expression"], by="ann", now=NOW)
    with pytest.raises(UsageError, match="needs a ground"):
        desk.decide(access, "refuse", by="ann", now=NOW)
    assert desk.get(access).state == "received"
    assert entries("request.decided") == []
    desk.decide(access, "refuse", ["others_rights"], by="ann", now=NOW)
    seen = desk.get(access)
    assert (seen.state, seen.grounds, seen.decided_by) == ("refused", ("others_rights",), "ann")
    (entry,) = entries("request.decided")
    assert (entry["decision"], entry["grounds"]) == ("refuse", ["others_rights"])


def test_a_part_says_what_stays_and_why(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref = opened(desk, "erasure")
    identity.seen(desk.book, ref, "passport", by="ann", now=NOW)
    for spare, said in (
        ((), "needs a ground"),
        ((("contact-form", "bored"),), "is none"),
        ((("contact-forms", "legal_claims"),), "no activity"),
    ):
        with pytest.raises(UsageError, match=said):
            desk.decide(ref, "part", (), spare, by="ann", now=NOW)
    with pytest.raises(UsageError, match="what is kept"):
        desk.decide(ref, "part", ["legal_claims"], by="ann", now=NOW)
    with pytest.raises(UsageError, match="no ground"):
        desk.decide(ref, "act", ["legal_claims"], by="ann", now=NOW)
    desk.decide(ref, "part", (), [("contact-form", "legal_claims")], by="ann", now=NOW)
    seen = desk.get(ref)
    assert (seen.state, seen.spare) == ("decided", (("contact-form", "legal_claims"),))
    assert seen.grounds == ("legal_claims",)


def test_nothing_is_given_to_strangers(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    for right in ("access", "portability", "rectification", "erasure", "restriction"):
        with pytest.raises(UsageError, match="not verified"):
            desk.decide(opened(desk, right), "act", by="ann", now=NOW)
    for right in ("object", "withdraw", "complaint"):
        ref = opened(desk, right, received=NOW.date())
        desk.decide(ref, "act", by="ann", now=NOW)
        assert desk.get(ref).state == "decided"


@pytest.mark.parametrize(("right", "purpose"), [("object", "marketing"), ("withdraw", "")])
def test_what_may_never_be_refused(
    sqlite_state: str, tmp_path: Path, right: str, purpose: str
) -> None:
    desk = make(tmp_path)
    ref = opened(desk, right, purpose=purpose)
    for ground in desk.grounds(ref):
        with pytest.raises(UsageError, match="may not be refused"):
            desk.decide(ref, "refuse", [ground], by="ann", now=NOW)
    assert desk.suppressed("email", "jo@example.test", "marketing")
