"""What stores.yaml says becomes exactly the mapping it means."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from servanda import policy, stores
from servanda.kernel.errors import CheckFailed, UsageError
from servanda.kernel.period import Period
from servanda.kernel.predicate import All, Compare, Missing, Not, OneOf
from servanda.policy.rules import Policy
from servanda.stores.mapping import (
    Child,
    Clock,
    Column,
    Consent,
    Counter,
    Detach,
    Exemption,
    Field,
    FileLayout,
    FilePart,
    Generalise,
    JsonPath,
    Limit,
    Link,
    Lookup,
    Party,
    SetNull,
    SetText,
    SoftDelete,
    Tenant,
    Tightening,
)
from servanda.stores.reading import LoadedStores

HERE = Path(__file__).parent
ENV = {"PW": "hunter2"}
TODAY = "2026-11-23"


@pytest.fixture(scope="module")
def the_policy() -> Policy:
    return policy.load(HERE / "policy.yaml", today=TODAY).require()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(HERE / "cases/packs", tmp_path / "packs")
    shutil.copy(HERE / "full.yaml", tmp_path / "stores.yaml")
    return tmp_path


def load(folder: Path, the_policy: Policy, env: dict[str, str] | None = None) -> LoadedStores:
    return stores.load(folder / "stores.yaml", the_policy, ENV if env is None else env, today=TODAY)


def test_a_store(folder: Path, the_policy: Policy) -> None:
    web = load(folder, the_policy).require()[0]
    assert web.connect == "postgresql://servanda:hunter2@127.0.0.1/web"
    assert web.recount == "postgresql://reader:hunter2@127.0.0.1/web"
    assert (web.name, web.mode, web.zone, web.pack) == ("web", "direct", "Europe/London", None)
    assert web.limit == Limit(None, 4, 60.0, 3.0, 0.2, 10, 0)
    assert web.ignore == (("tmp_*", Exemption("scratch", "Ann", "2027-01-01")),)


def test_a_table(folder: Path, the_policy: Policy) -> None:
    log = load(folder, the_policy).configs[0].collection("log")
    assert (log.id, log.source, log.activity, log.key) == ("web.log", "log", "calls", ("id",))
    via = Lookup("times", (("log", "id"),), "at", (("kind", 1),), "min")
    assert log.clocks == (Clock("recorded", via),)
    assert log.fields == (
        Field("id", Column("id")),
        Field("phone", Column("phone"), ("contact.phone",), SetText("gone")),
        Field("note", JsonPath("doc", ("a", "b")), ("comms",), SetNull()),
        Field("state", Column("state")),
        *(Field(each, Column(each)) for each in ("kind", "gone", "size", "live")),
    )
    assert log.where == All(
        (
            OneOf("kind", ("call", "voicemail")),
            Not(OneOf("state", ("spam", "test"))),
            Missing("gone"),
            Compare("size", "=", 3),
            Compare("live", "=", True),
        )
    )
    assert log.identify == (("phone", ("phone",)),)
    assert (log.tenant, log.tenant_constant) == ("state", False)
    assert log.links == (
        Link("files.recordings", (("id", "call"),), "owns", ("who",), ("who",)),
        Link("web.enquiries", (("id", "name"),), "owned_by", goes=True),
    )
    assert (log.parties, log.one_per_person) == ((Party("caller", ("phone", "note")),), False)
    assert log.children == (
        Child(
            "notes", (("log_id", "id"),), (Child("more", (("note", "id"),)),), (("kind", "log"),)
        ),
    )
    assert log.counters == (Counter("people", "calls", (("id", "caller"),), (("state", "ok"),)),)
    assert log.detaches == (Detach("log", "parent", "id", 0),)
    assert log.soft_delete == SoftDelete("deleted_at", "true")
    assert (log.byproducts, log.expect) == (("*.sql",), ("id", "at"))


def test_consent_clocks_and_exemption(folder: Path, the_policy: Policy) -> None:
    web = load(folder, the_policy).configs[0]
    enquiries = web.collection("enquiries")
    assert enquiries.consents == (Consent("marketing", "news", ("1", "on")),)
    assert enquiries.clocks == (
        Clock("closed", Column("a")),
        Clock("received", Column("b"), "text", "%d/%m/%Y", "Africa/Nairobi"),
    )
    ip, number = web.collection("visits").fields
    assert (ip.erase, number.erase) == (Generalise("ip"), Generalise("number", 10))
    later = web.collection("later")
    assert (later.activity, later.exempt) == (
        None,
        Exemption("not decided", "Ann", "2027-01-01"),
    )


def test_a_folder(folder: Path, the_policy: Policy) -> None:
    config = load(folder, the_policy).configs[1]
    assert config.connect == f"file://{folder}/recordings"
    files = config.collection("recordings")
    template = "{yyyy}/{mm}/{call}.wav"
    assert files.source == template
    assert files.files == FileLayout(template, (".txt",), "", "", "msg{n:04d}")
    assert files.clocks == (Clock("recorded", FilePart("path")),)
    assert [field.source for field in files.fields] == [
        FilePart("group", "call"),
        FilePart("sidecar", "callerid"),
        FilePart("path"),
    ]


def test_a_pack_with_a_parameter_and_what_is_said_over_it(folder: Path, the_policy: Policy) -> None:
    shop = load(folder, the_policy).configs[2]
    assert [each.name for each in shop.collections] == ["orders"]  # `without` leaves carts out
    orders = shop.collection("orders")
    assert orders.source == "x_orders"
    assert orders.clocks == (Clock("recorded", Column("made")),)
    assert orders.field_named("phone") == Field(
        "phone", Column("phone"), ("contact.phone",), SetText("")
    )
    assert orders.links == ()


def test_customers(folder: Path, the_policy: Policy) -> None:
    assert load(folder, the_policy).tenants == (
        Tenant(
            "acme",
            "Acme",
            (
                Tightening("calls", "recorded", Period(months=6)),
                Tightening("enquiries", "received", Period(months=1)),
            ),
        ),
    )


def _with(folder: Path, old: str, new: str) -> None:
    path = folder / "stores.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_digest_is_of_what_is_done_and_of_no_secret(folder: Path, the_policy: Policy) -> None:
    before = load(folder, the_policy).digest
    assert load(folder, the_policy, {"PW": "another"}).digest == before
    _with(folder, "rows_per_second: unlimited", "rows_per_second: 5")
    _with(folder, "stores:\n", "# a comment\nstores:\n")
    assert load(folder, the_policy).digest == before
    _with(folder, "{text: gone}", "blank")
    after = load(folder, the_policy).digest
    assert after != before
    pack = folder / "packs/shop/pack.yaml"
    pack.write_text(pack.read_text().replace("recorded: made", "recorded: placed"))
    assert load(folder, the_policy).digest != after


def test_links_by_pack_find_the_store_that_uses_it(folder: Path, the_policy: Policy) -> None:
    (folder / "packs/parcels").mkdir()
    (folder / "packs/parcels/pack.yaml").write_text(
        "product: Parcels\ncollections:\n  boxes:\n    activity: calls\n"
        "    clocks: {recorded: at}\n    fields: {phone: contact.phone}\n"
    )
    (folder / "stores.yaml").write_text(
        "stores:\n"
        "  one: {connect: 'sqlite:///a.db', pack: shop}\n"
        "  two: {connect: 'sqlite:///b.db', pack: parcels}\n"
    )
    loaded = load(folder, the_policy)
    assert loaded.diagnostics == []
    assert loaded.configs[0].collection("orders").links == (
        Link("two.boxes", (("phone", "phone"),), "owns"),
    )


def test_errors_leave_nothing_to_work_with(folder: Path, the_policy: Policy) -> None:
    _with(folder, "activity: calls", "activity: cals")
    loaded = load(folder, the_policy)
    assert loaded.configs == ()
    with pytest.raises(CheckFailed, match="2 errors"):
        loaded.require()


def test_a_file_that_is_not_there(tmp_path: Path, the_policy: Policy) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        stores.load(tmp_path / "stores.yaml", the_policy, {})
