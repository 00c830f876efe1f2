"""Versions of the two files: none is lost, none is made twice, each has its place in the ledger."""

from __future__ import annotations

import pytest

from servanda import ledger
from servanda.desk import versions
from servanda.kernel.digest import sha256_hex
from servanda.kernel.errors import UsageError

ONE, TWO, THREE = b"a: 1\n", b"a: 2\n", b"a: 3\n"


def test_every_change_is_kept_with_its_entry(each_state: str) -> None:
    for content, by in ((ONE, versions.DISK), (TWO, "member 7"), (THREE, "member 8")):
        versions.record("policy.yaml", content, by=by, note="because")
    versions.record("stores.yaml", b"s: 1\n", by="member 7")
    listed = versions.listed("policy.yaml")
    assert [(each.by, each.digest) for each in listed] == [
        ("member 8", sha256_hex(THREE)),
        ("member 7", sha256_hex(TWO)),
        (versions.DISK, sha256_hex(ONE)),
    ]
    assert [each.content for each in listed] == [None, None, None]
    assert versions.get("policy.yaml", sha256_hex(TWO)).content == TWO
    for each in listed:
        assert each.entry is not None
        told = ledger.history.at(each.entry).data
        assert (told["kind"], told["file"], told["digest"], told["by"]) == (
            "settings.changed",
            "policy.yaml",
            each.digest,
            each.by,
        )
    assert [each.id for each in versions.listed("policy.yaml", before=listed[0].id, limit=1)] == [
        listed[1].id
    ]


def test_the_same_again_is_no_version_and_going_back_is_one(sqlite_state: str) -> None:
    for content in (ONE, ONE, TWO, TWO, ONE):
        versions.record("policy.yaml", content, by="member 7")
    digests = [each.digest for each in versions.listed("policy.yaml")]
    assert digests == [sha256_hex(each) for each in (ONE, TWO, ONE)]
    assert ledger.proofs.size() == 3
    assert versions.get("policy.yaml", sha256_hex(ONE)).id == versions.listed("policy.yaml")[0].id


def test_what_is_not_there(sqlite_state: str) -> None:
    versions.record("policy.yaml", ONE, by="member 7")
    with pytest.raises(UsageError, match="no such version"):
        versions.get("policy.yaml", sha256_hex(TWO))
    with pytest.raises(UsageError, match="no such version"):
        versions.get("stores.yaml", sha256_hex(ONE))
    with pytest.raises(UsageError, match="no versions of"):
        versions.record("servanda.toml", ONE, by="member 7")
    assert versions.newest("stores.yaml") is None
