"""A package holds all that is the person's, in every form, and nothing that is anybody else's."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import resource
import stat
from dataclasses import replace
from datetime import UTC, datetime

import jsonschema
import pytest

from servanda.kernel.errors import StoreUnreachable
from servanda.ledger.verify.signed import verify_signed
from servanda.publish.package.archive import NotWritten
from tests.publish.package.world import (
    ANN,
    ANN_NUMBER,
    BOB,
    BOB_NUMBER,
    World,
    records,
    unpacked,
    unreachable,
)


def test_all_that_is_anns_is_in_it_in_full_and_in_order(company: World) -> None:
    made = company.make()
    assert made.complete
    customers = records(made, "crm.customers")
    assert customers == [{"id": 1, "email": ANN, "name": "Ann <b>Client</b>", "note": "=1+1"}]
    assert [each["id"] for each in records(made, "crm.orders")] == [11, 12, 14]
    assert [each["id"] for each in records(made, "crm.calls")] == [21, 22]
    assert [each["text"] for each in records(made, "desk.letters")] == ["Dear Ann", "Again"]
    assert dict(made.counts) == {
        "crm.calls": 2,
        "crm.customers": 1,
        "crm.orders": 3,
        "desk.letters": 2,
        "recordings.wav": 2,
    }


def test_what_tells_of_bob_is_left_out_of_that_record_alone(company: World) -> None:
    made = company.make()
    shared, own = records(made, "crm.calls")
    assert "dst" not in shared and shared["src"] == ANN_NUMBER
    assert own["dst"] == ""
    everything = b"".join(unpacked(made).values())
    assert ANN.encode() in everything
    for secret in (BOB, BOB_NUMBER, "Bob"):
        assert secret.encode() not in everything


def test_the_spreadsheet_says_the_same_and_starts_no_formula(company: World) -> None:
    made = company.make()
    text = unpacked(made)["data/crm.orders.csv"].decode()
    assert text.endswith("\r\n")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["what"] for row in rows] == [
        "a router, grey",
        'said "yes"\nand more',
        "'@SUM(A1)",
    ]
    whom = next(csv.DictReader(io.StringIO(unpacked(made)["data/crm.customers.csv"].decode())))
    assert whom["note"] == "'=1+1"
    calls = list(csv.DictReader(io.StringIO(unpacked(made)["data/crm.calls.csv"].decode())))
    assert calls[0]["src"] == ANN_NUMBER


def test_every_data_file_is_what_the_schema_says(company: World) -> None:
    found = unpacked(company.make())
    schema = json.loads(found["schema.json"])
    checked = 0
    for name, body in found.items():
        if name.startswith("data/") and name.endswith(".json"):
            file = name.removeprefix("data/").removesuffix(".json")
            jsonschema.Draft202012Validator.check_schema(schema["$defs"][file])
            jsonschema.validate(json.loads(body), schema["$defs"][file])
            wrong = [*json.loads(body), {"unknown": 1}]
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(wrong, schema["$defs"][file])
            checked += 1
    assert checked == 5


def test_recordings_are_in_it_as_they_are_and_stay_as_they_were(company: World) -> None:
    folder = company.folder / "recordings" / "2026" / "01"
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}
    found = unpacked(company.make())
    files = {name: body for name, body in found.items() if name.startswith("files/")}
    assert set(files.values()) == {before[n][0] for n in ("a.wav", "b.wav", "b.txt")}
    assert sorted(n.rsplit(".", 1)[1] for n in files) == ["txt", "wav", "wav"]
    assert before == {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def test_a_customers_records_are_not_ours_to_give(company: World) -> None:
    made = company.make()
    assert "data/desk.tickets.json" not in unpacked(made)
    assert [(each.collection, each.count, each.why) for each in made.left_out] == [
        ("desk.tickets", 2, "customer"),
        ("desk.tickets", 1, "unknown-customer"),
    ]
    page = unpacked(made)["index.html"].decode()
    assert "We hold these for a customer" in page
    theirs = company.make(company.tree(("email", ANN), tenant="acme"))
    assert [each["text"] for each in records(theirs, "desk.tickets")] == ["Acme's printer"]


@pytest.mark.parametrize(
    ("places", "calls"), [(("GB-NIR",), False), (("DE",), False), (("KE",), True), (("JM",), True)]
)
def test_portability_reaches_what_the_law_says(
    company: World, places: tuple[str, ...], calls: bool
) -> None:
    made = company.make(right="portability", places=places)
    found = unpacked(made)
    assert "data/crm.orders.json" in found
    assert ("data/crm.calls.json" in found) is calls
    assert (
        ("crm.calls", 2, "not-portable") in {(e.collection, e.count, e.why) for e in made.left_out}
    ) is not calls


def test_the_page_says_what_the_law_wants_said_and_escapes_the_rest(company: World) -> None:
    page = unpacked(company.make())["index.html"].decode()
    for said in (
        "performance of a contract",
        "Host &amp; Sons (processor, United States",
        "standard contractual clauses",
        "At most 7 years after the last invoice was issued, then deleted.",
        "from the telephone system",
        "Information Commissioner",
        "privacy@example.test",
        "Decisions made by machines alone",
    ):
        assert said in page, said
    assert "Ann &lt;b&gt;Client&lt;/b&gt;" in page
    assert "<script" not in page and "http://" not in page and "https://" not in page


def test_the_manifest_is_signed_and_knows_every_other_member(company: World) -> None:
    made = company.make()
    found = unpacked(made)
    folder = company.folder / "unpacked"
    for name, body in found.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    result = verify_signed(folder / "manifest.json", company.signer.vkey)
    assert result.ok and result.files == len(found) - 1
    assert {each["name"] for each in result.statement["members"]} == set(found) - {"manifest.json"}
    (folder / "data" / "crm.orders.json").write_bytes(b"[]\n")
    changed = verify_signed(folder / "manifest.json", company.signer.vkey)
    assert [each.where for each in changed.findings] == ["data/crm.orders.json"]
    assert hashlib.sha256(made.path.read_bytes()).hexdigest() == made.sha256


def test_it_is_closed_to_everybody_without_the_passphrase(company: World) -> None:
    made = company.make()
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    raw = made.path.read_bytes()
    assert ANN.encode() not in raw and made.passphrase.encode() not in raw
    assert made.passphrase != company.make().passphrase
    with pytest.raises(RuntimeError, match="password"):
        unpacked(replace(made, passphrase="wrong"))


def test_a_store_that_did_not_answer_is_said_everywhere(company: World) -> None:
    unreachable(company, "desk")
    made = company.make()
    assert not made.complete and [each.store for each in made.unread] == ["desk"]
    found = unpacked(made)
    assert "Not complete yet" in found["index.html"].decode()
    assert json.loads(found["manifest.json"])["package"]["unread"] == ["desk"]
    assert [each["id"] for each in records(made, "crm.orders")] == [11, 12, 14]


def test_a_store_lost_while_it_is_read_leaves_no_half_table(
    company: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = company.tree()
    crm = company.town.stores["crm"]
    assert not isinstance(crm, StoreUnreachable)
    real = crm.rows
    lost = False

    def rows(collection: object, *args: object, **options: object) -> object:
        nonlocal lost
        for number, row in enumerate(real(collection, *args, **options)):  # type: ignore[arg-type]
            if collection.name == "orders" and number == 1:  # type: ignore[attr-defined]
                lost = True
            if lost:
                raise StoreUnreachable("crm", "the line was cut")
            yield row

    monkeypatch.setattr(crm, "rows", rows)
    made = company.make(tree)
    assert [each.store for each in made.unread] == ["crm"]
    found = unpacked(made)
    assert not [name for name in found if name.startswith("data/crm.")]
    assert [each["text"] for each in records(made, "desk.letters")] == ["Dear Ann", "Again"]


def test_a_full_disk_is_said_and_nothing_is_left(company: World) -> None:
    tree = company.tree()
    room = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, room[1]))  # no file may grow beyond this
    try:
        with pytest.raises(NotWritten, match="cannot be written") as told:
            company.make(tree)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, room)
    assert "free space" in told.value.remedy
    assert list(company.shelf.folder.iterdir()) == []
    assert company.make(tree).complete


def test_progress_ends_at_the_number_of_records(company: World) -> None:
    told: list[tuple[int, int]] = []
    made = company.make(progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (made.records, made.records)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_it_expires_when_it_says(company: World) -> None:
    made = company.make()
    assert made.expires == datetime(2026, 3, 15, 9, 30, tzinfo=UTC)


def test_a_file_that_repeats_what_is_hidden_stays_out(company: World) -> None:
    tree = company.tree()
    branches = [
        replace(each, hide=("name",)) if each.collection == "recordings.wav" else each
        for each in tree.branches
    ]
    found = unpacked(company.make(replace(tree, branches=tuple(branches))))
    kept = {name.rsplit(".", 1)[1] for name in found if name.startswith("files/")}
    assert kept == {"wav"}  # the card beside a recording may name anybody
    assert "1 file left out, because other people can" in found["index.html"].decode()
    record = json.loads(found["data/recordings.wav.json"])[0]
    assert "name" not in record and "path" not in record
