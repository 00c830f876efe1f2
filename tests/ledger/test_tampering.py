"""Every way to alter a bundle is found out, and ends in a finding, never in a traceback.

Two adversaries: one without the signing key, who can change any byte; and the operator himself,
who can sign anything anew, but not undo an earlier checkpoint that somebody kept.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from servanda import ledger
from servanda.ledger.signer import Signer
from servanda.ledger.verify import layout, verify_bundle
from servanda.ledger.verify.note import checkpoint_text
from servanda.ledger.verify.tree import Frontier, leaf_hashes
from tests.ledger.evidence import (
    MASTER,
    Evidence,
    altered,
    codes,
    contents,
    edited,
    joined,
    lines,
    members,
    pack,
    verified,
)

ENTRIES, CHECKPOINTS, MANIFESTS = layout.ENTRIES, layout.CHECKPOINTS, layout.MANIFESTS


def test_the_bundle_itself_is_sound(whole: tuple[Path, Evidence], tmp_path: Path) -> None:
    path, evidence = whole
    assert verified(path, evidence, evidence.notes[1]).findings == []
    # What the tests below do to a bundle leaves it sound unless they alter its content.
    content = members(path)
    content[layout.CONTENTS] = contents(content, evidence.signer)
    again = verified(pack(tmp_path / "again.zip", content), evidence)
    assert again.findings == []
    assert (again.manifests, again.opened) == (6, 6)


def remove(at: int) -> Callable[[list[bytes]], list[bytes]]:
    return lambda parts: parts[:at] + parts[at + 1 :]


def insert(at: int) -> Callable[[list[bytes]], list[bytes]]:
    extra = edited(b'{"kind":"census","v":1}', at="2026-03-01T08:15:00.000000Z")
    return lambda parts: [*parts[:at], extra, *parts[at:]]


def swap(one: int, two: int) -> Callable[[list[bytes]], list[bytes]]:
    def change(parts: list[bytes]) -> list[bytes]:
        parts[one], parts[two] = parts[two], parts[one]
        return parts

    return change


def edit(place: int, **fields: object) -> Callable[[list[bytes]], list[bytes]]:
    def change(parts: list[bytes]) -> list[bytes]:
        parts[place] = edited(parts[place], **fields)
        return parts

    return change


ENTRY_CHANGES = [
    (remove(0), "entries 0 to 8"),
    (remove(11), "entries 9 to 19"),
    (remove(22), None),
    (insert(0), "entries 0 to 8"),
    (insert(10), "entries 9 to 19"),
    (insert(23), None),
    (swap(1, 2), "entries 0 to 8"),
    (swap(0, 22), "entries 0 to 8"),
    (edit(1, count=2), "entries 0 to 8"),
    (edit(15, overdue=1), "entries 9 to 19"),
    (edit(20, at="2026-03-03T08:15:00.000001Z"), "entries 20 to 22"),
]


@pytest.mark.parametrize("key", ["without the signing key", "with it"])
@pytest.mark.parametrize(("change", "place"), ENTRY_CHANGES)
def test_changed_entries(
    whole: tuple[Path, Evidence],
    tmp_path: Path,
    change: Callable[[list[bytes]], list[bytes]],
    place: str | None,
    key: str,
) -> None:
    path, evidence = whole
    signer = evidence.signer if key == "with it" else None
    bad = altered(
        path, tmp_path / "bad.zip", ENTRIES, lambda data: joined(change(lines(data))), signer
    )
    report = verified(bad, evidence)
    assert codes(report) & {"root", "entries-missing", "uncovered"}
    assert ("contents" in codes(report)) == (signer is None)
    if place is not None:
        assert any(place in finding.what for finding in report.findings)


def signed_anew(path: Path, target: Path, entries: list[bytes], signer: Signer) -> Path:
    """What the operator himself can do: sign other entries, and a table that fits."""
    content = members(path)
    content[ENTRIES] = joined(entries)
    frontier = Frontier()
    frontier.extend(leaf_hashes(entries))
    note = signer.sign(checkpoint_text(signer.name, len(entries), frontier.root()))
    content[CHECKPOINTS] = joined([json.dumps(note, ensure_ascii=False).encode()])
    content[layout.CONTENTS] = contents(content, signer)
    return pack(target, content)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"at":"2026-03-02T08:14:59.999999Z","kind":"census","v":1}', "time"),
        (b'{"at":"2026-03-02T08:15:00Z","kind":"census","v":1}', "entry"),
        (b'{"at":"2026-03-02T08:15:00.00000xZ","kind":"census","v":1}', "entry"),
        (b'{"at":"2026-03-04T08:15:00.000000Z","kind":7,"v":1}', "entry"),
        (b'{"at":"2026-03-04T08:15:00.000000Z","v":1}', "entry"),
        (b'{"kind":"census","at":"2026-03-04T08:15:00.000000Z","v":1}', "entry"),
        (b'{"at":"2026-03-04T08:15:00.000000Z", "kind":"census","v":1}', "entry"),
        (b'{"at":"2026-03-04T08:15:00.000000Z","kind":"a","kind":"b","v":1}', "entry"),
        (b'{"at":"2026-03-04T08:15:00.000000Z","kind":"census","v":1} ', "entry"),
        (b'"text"', "entry"),
        (b"\xff", "entry"),
        (b"", "entry"),
        (b'{"at":"2026-03-04T08:15:00.000000Z","kind":"census","manifest":7,"v":1}', "manifest"),
    ],
)
def test_an_entry_that_is_signed_but_is_none(
    whole: tuple[Path, Evidence], tmp_path: Path, line: bytes, code: str
) -> None:
    path, evidence = whole
    entries = lines(members(path)[ENTRIES])
    bad = signed_anew(path, tmp_path / "bad.zip", [*entries[:22], line], evidence.signer)
    report = verified(bad, evidence)
    assert [(each.code, each.where) for each in report.findings] == [(code, "entry 22")]


def test_an_operator_who_signs_a_new_history_is_caught_by_an_earlier_checkpoint(
    whole: tuple[Path, Evidence], tmp_path: Path
) -> None:
    path, evidence = whole
    rewritten = lines(members(path)[ENTRIES])
    rewritten[12] = edited(rewritten[12], overdue=7)
    bad = signed_anew(path, tmp_path / "bad.zip", rewritten, evidence.signer)
    assert verified(bad, evidence).findings == []  # nothing in it contradicts itself
    assert verified(bad, evidence, evidence.notes[0]).findings == []  # only what came later is new
    for earlier in evidence.notes[1:]:
        report = verified(bad, evidence, earlier)
        assert codes(report) == {"rewritten"}
        assert "history was rewritten" in report.findings[0].what


def test_a_cut_tail_is_caught_by_an_earlier_checkpoint(
    whole: tuple[Path, Evidence], tmp_path: Path
) -> None:
    path, evidence = whole
    content = members(path)
    content[ENTRIES] = joined(lines(content[ENTRIES])[:20])
    content[CHECKPOINTS] = joined(lines(content[CHECKPOINTS])[:2])
    content[MANIFESTS] = joined(lines(content[MANIFESTS])[:6])
    content[layout.HEADER] = edited(content[layout.HEADER], size=20)
    content[layout.CONTENTS] = contents(content, evidence.signer)
    bad = pack(tmp_path / "bad.zip", content)
    assert verified(bad, evidence, evidence.notes[1]).findings == []
    report = verified(bad, evidence, evidence.notes[2])
    assert codes(report) == {"truncated"}
    assert "3 of its entries are not there" in report.findings[0].what


def test_an_earlier_checkpoint_that_is_none(whole: tuple[Path, Evidence]) -> None:
    path, evidence = whole
    stranger = Signer("example.test/privacy", bytes(32))
    for since in ("", "text", evidence.notes[0][:-9], stranger.sign("example.test/privacy\n1\n")):
        assert codes(verified(path, evidence, since)) == {"earlier-checkpoint"}


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_removed_checkpoint(whole: tuple[Path, Evidence], tmp_path: Path, at: int) -> None:
    path, evidence = whole

    def change(data: bytes) -> bytes:
        return joined(remove(at)(lines(data)))

    report = verified(altered(path, tmp_path / "bad.zip", CHECKPOINTS, change, None), evidence)
    assert "contents" in codes(report)
    assert ("uncovered" in codes(report)) == (at == 2)


def test_a_forged_checkpoint(whole: tuple[Path, Evidence], tmp_path: Path) -> None:
    path, evidence = whole
    stranger = Signer("example.test/privacy", bytes(32))
    stated = evidence.signer.verifier.checkpoint(evidence.notes[1])
    forged = [
        stranger.sign(checkpoint_text(stated.origin, stated.size, stated.root)),
        evidence.notes[1].replace("\n20\n", "\n19\n"),
        evidence.signer.sign(checkpoint_text("another.test", stated.size, stated.root)),
        evidence.signer.sign(checkpoint_text(stated.origin, 20, bytes(32))),
        evidence.notes[0],
    ]
    for number, note in enumerate(forged):

        def change(data: bytes, note: str = note) -> bytes:
            parts = lines(data)
            parts[1] = json.dumps(note, ensure_ascii=False).encode()
            return joined(parts)

        bad = altered(path, tmp_path / "bad.zip", CHECKPOINTS, change, evidence.signer)
        expected = {3: "root", 4: "checkpoint-order"}.get(number, "checkpoint")
        assert codes(verified(bad, evidence)) == {expected}


def test_another_logs_key(whole: tuple[Path, Evidence]) -> None:
    path, _ = whole
    other = Signer("example.test/privacy", bytes(32))
    assert "checkpoint" in codes(verify_bundle(path, other.vkey))
    assert "contents" in codes(verify_bundle(path, other.vkey))


def parsed(data: bytes) -> list[dict[str, str]]:
    return [json.loads(line) for line in lines(data)]


def written(manifests: list[dict[str, str]]) -> bytes:
    return joined([json.dumps(each).encode() for each in manifests])


def test_swapped_removed_added_and_altered_manifests(
    whole: tuple[Path, Evidence], tmp_path: Path
) -> None:
    path, evidence = whole

    def swapped(data: bytes) -> bytes:
        return joined(swap(0, 1)(lines(data)))

    def swapped_content(data: bytes) -> bytes:
        given = parsed(data)
        given[0]["sealed"], given[1]["sealed"] = given[1]["sealed"], given[0]["sealed"]
        return written(given)

    def removed(data: bytes) -> bytes:
        return joined(remove(2)(lines(data)))

    def removed_last(data: bytes) -> bytes:
        return joined(lines(data)[:-1])

    def doubled(data: bytes) -> bytes:
        return data + lines(data)[0] + b"\n"

    def malformed(data: bytes) -> bytes:
        return joined([b"[1]", *lines(data)[1:]])

    def not_base64(data: bytes) -> bytes:
        given = parsed(data)
        given[3]["sealed"] = "****"
        return written(given)

    def lost(data: bytes) -> bytes:
        given = parsed(data)
        return written([*given[:3], {**given[3], "sealed": None}, *given[4:]])  # type: ignore[dict-item]

    for change in (swapped, swapped_content, removed, removed_last, doubled, malformed, not_base64):
        bad = altered(path, tmp_path / "bad.zip", MANIFESTS, change, evidence.signer)
        assert codes(verified(bad, evidence)) == {"manifest"}, change.__name__
    bad = altered(path, tmp_path / "bad.zip", MANIFESTS, lost, evidence.signer)
    report = verified(bad, evidence)
    assert codes(report) == {"manifest-missing"}
    assert report.findings[0].where == "entry 12"
    assert report.opened == 5


def test_a_wrong_or_malformed_evidence_key(whole: tuple[Path, Evidence], tmp_path: Path) -> None:
    path, evidence = whole
    given = json.loads(members(path)[layout.KEYS])
    exchanged = {"r1": given["r2"], "r2": given["r1"]}
    for keys, code in (
        (exchanged, "manifest-seal"),
        ({"r1": "AAAA"}, "manifest-seal"),
        ({"r1": "*"}, "keys"),
        ({"r1": 7}, "keys"),
        ([], "form"),
    ):

        def change(_: bytes, keys: object = keys) -> bytes:
            return json.dumps(keys).encode()

        bad = altered(path, tmp_path / "bad.zip", layout.KEYS, change, evidence.signer)
        assert codes(verified(bad, evidence)) == {code}


def test_a_manifest_that_holds_fewer_keys_than_it_says(
    sqlite_state: str, signer: Signer, tmp_path: Path
) -> None:
    from servanda.stores.port import Keys

    for window, count in enumerate((2, 3)):
        digest, row = ledger.manifests.seal(MASTER, "r1", "s", window, Keys("i8", bytes(16), count))
        row.save(force_insert=True)
        entry = {"kind": "window.prepared", "run": "r1", "step": "s", "window": window}
        ledger.append([{**entry, "count": count, "encoding": "i8", "manifest": digest}])
    ledger.bundle.export(tmp_path / "e.zip", signer, open_runs=["r1"], master=MASTER)
    report = verify_bundle(tmp_path / "e.zip", signer.vkey)
    assert [(each.code, each.where) for each in report.findings] == [("manifest-count", "entry 1")]
