"""What policy.yaml says becomes exactly the rules it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda import policy
from servanda.kernel.errors import CheckFailed, UsageError
from servanda.kernel.period import Period
from servanda.policy.reading import Loaded, loads
from servanda.policy.rules import (
    Banner,
    Ceiling,
    Changes,
    ConsentPoint,
    Field,
    Floor,
    Forever,
    Message,
    Named,
    Retention,
)

FULL = Path(__file__).parent / "full.yaml"
TEXT = FULL.read_text("utf-8")
TODAY = "2026-11-23"


def changed(old: str, new: str) -> Loaded:
    assert old in TEXT
    return loads(TEXT.replace(old, new).encode(), today=TODAY)


def test_the_organisation() -> None:
    found = policy.load(FULL, today=TODAY).require()
    assert (found.organisation, found.country) == ("Example IT Solutions", "GB-NIR")
    assert (found.zone, found.contact) == ("Europe/London", "privacy@example.test")
    assert found.jurisdictions == ("GB-NIR", "EU")
    years = Period(months=24)
    point = ConsentPoint("marketing", "the tick box of the enquiry form", ("email", "phone"), years)
    assert found.consents == (point,)
    assert (found.address, found.phone) == ("1 High Street, Belfast", "028 9000 0000")
    assert found.officer == Named("the privacy lead", "dpo@example.test")
    assert found.representatives == (("EU", Named("Example Rep", "rep@example.test")),)
    assert found.registrations == (("GB", "ZA000000"),)
    assert found.source == FULL.read_bytes()


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("GB", "Europe/London"),
        ("GB-NIR", "Europe/London"),
        ("IE", "Europe/Dublin"),
        ("JM", "America/Jamaica"),
        ("KE", "Africa/Nairobi"),
        ("PR", "America/Puerto_Rico"),
    ],
)
def test_the_zone_comes_from_the_country(country: str, zone: str) -> None:
    text = TEXT.replace(", zone: Europe/London", "").replace("GB-NIR", country)
    text = text.replace("contract: {signed", "transfer: scc, contract: {signed")
    found = loads(text.encode(), today=TODAY).require()
    assert found.zone == zone


def test_without_jurisdictions_it_is_the_country() -> None:
    found = changed("jurisdictions: [GB-NIR, EU]\n", "").require()
    assert found.jurisdictions == ("GB-NIR",)


def test_what_only_the_public_sees() -> None:
    found = policy.load(FULL, today=TODAY).require()
    stays, counts = found.cookies
    assert (stays.name, stays.category, stays.lasts, stays.by) == (
        "servanda",
        "necessary",
        None,
        "",
    )
    assert (counts.name, counts.lasts, counts.by) == ("_ga_*", Period(months=13), "cloud")
    assert counts.hosts == ("stats.example.test",)
    assert found.banner == Banner(("www.example.test",), Period(months=12))
    form = found.form("contact")
    assert form is not None and form.asks_age and not form.third_party
    assert form.field("email") == Field("email", "contact.email", required=True, free=False)
    assert form.field("name") == Field("name", "name", required=False, free=False)
    assert form.field("other") is None
    assert found.messages == (Message("repairs", "service", "support", "how far a repair is"),)
    assert found.children_below == 13
    assert found.security == ("Everything is encrypted on its way and where it lies.",)
    months, days, month = Period(months=12), Period(days=14), Period(days=30)
    ways = ("banner", "email", "portal")
    assert found.changes == Changes(months, days, ways, consent=True, objection=month)


def test_retention() -> None:
    found = policy.load(FULL, today=TODAY).require()
    rules = {each.id: each.retention for each in found.activities}
    assert rules["call-recording"] == Retention((Ceiling(Period(months=12), "hung_up", "delete"),))
    assert rules["client-accounts"] == Retention(
        (Ceiling(Period(months=120), "last_invoice", "archive"),),
        (
            Floor(Period(months=120), "last_invoice", "audit of accounts", ("name", "contact")),
            Floor(Period(months=132), "last_invoice", "tax", (), "Tax law asks for more."),
        ),
    )
    assert rules["enquiries"] == Retention(
        (
            Ceiling(Period(), "closed", "delete"),
            Ceiling(Period(months=12), "received", "anonymise", "marketing"),
        )
    )
    assert rules["minutes"] == Retention((), (), Forever("company law asks for it"))


def test_promises_and_recipients() -> None:
    found = policy.load(FULL, shown="policy.yaml", today=TODAY).require()
    first, second, third = found.promises
    assert first.kept_by == ("activities.call-recording.retain", "policy.basis")
    assert (first.section, first.how, first.planned) == ("storage", "enforced", False)
    assert (second.planned, second.kept_by) == (True, ())
    assert (third.how, third.owner, first.owner) == ("stated", "privacy lead", "")
    assert str(first.place) == "policy.yaml:61:3"
    host, cloud = found.recipients
    assert (host.contract_signed, host.contract_review) == ("2025-04-01", Period(months=12))
    assert (cloud.country, cloud.transfer, cloud.contract_signed) == ("KE", "idta", None)


def test_the_digest_is_of_what_is_said_not_of_how_it_is_laid_out() -> None:
    before = loads(TEXT.encode(), today=TODAY).require().digest
    laid_out = "# a comment\n" + TEXT.replace("servanda: 1", "servanda:   1   # the version")
    assert loads(laid_out.encode(), today=TODAY).require().digest == before
    assert changed("at_most: 12 months, after: hung_up", "at_most: 11 months, after: hung_up")
    shorter = changed("{at_most: 12 months, after: hung_up", "{at_most: 11 months, after: hung_up")
    assert shorter.require().digest != before


def test_adequacy_is_judged_on_the_day() -> None:
    text = TEXT.replace("GB-NIR, contact", "IE, contact").replace("country: KE", "country: IE")
    on = {day: loads(text.encode(), today=day) for day in ("2031-12-27", "2031-12-28")}
    assert on["2031-12-27"].policy is not None
    assert [d.code for d in on["2031-12-28"].diagnostics] == ["transfer-without-mechanism"]


def test_errors_leave_no_policy() -> None:
    loaded = changed("basis: contract\n", "basis: contracts\n")
    assert loaded.policy is None
    with pytest.raises(CheckFailed, match="1 error"):
        loaded.require()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        policy.load(tmp_path / "policy.yaml")
