"""Records of processing: what each law asks for, and nothing that it does not."""

from __future__ import annotations

import dataclasses
from datetime import date

from servanda.policy.rules import Policy
from servanda.publish.records import Sheet, sheets
from servanda.publish.records.sheets import UNKNOWN
from tests.publish.policy.world import full

TODAY = date(2026, 11, 28)


def policy(*, jurisdictions: tuple[str, ...] = ("GB-NIR", "EU")) -> Policy:
    """Two activities of ours, one of customers'."""
    first, second, third, *others = full().activities
    theirs = dataclasses.replace(third, role="processor", recipients=("cloud",))
    return dataclasses.replace(
        full(), activities=(first, second, theirs, *others), jurisdictions=jurisdictions
    )


def made(found: Policy, *customers: str) -> dict[str, Sheet]:
    return {each.id: each for each in sheets(found, TODAY, customers)}


def test_as_controller_every_point_of_the_article_has_a_column() -> None:
    sheet = made(policy())["controller"]
    assert "".join(sheet.head).count("(") == 7
    assert [row[0] for row in sheet.rows] == ["Call recording", "Client accounts", "Minutes"]
    first = sheet.rows[0]
    assert first[1:4] == (
        "customer support, quality and training",
        "caller",
        "call recording, call log",
    )
    assert first[4] == "Example Telecom (processor), Example Cloud (subprocessor)"
    assert first[5] == "Kenya (Example Cloud: international data transfer agreement)"
    assert first[6].startswith("At most 12 months after the caller hung up")
    assert first[7] == "Everything is encrypted on its way and where it lies."
    about = dict(sheet.about)
    assert about["Data protection officer"] == "the privacy lead, dpo@example.test"
    assert about["Representative (European Union)"] == "Example Rep, rep@example.test"
    assert about["Address"] == "1 High Street, Belfast"


def test_as_processor_each_controller_stands_and_no_purpose_person_or_period() -> None:
    sheet = made(policy(), "Harbour Dental", "Glen Legal")["processor"]
    assert [row[:2] for row in sheet.rows] == [
        ("Harbour Dental", "Enquiries"),
        ("Glen Legal", "Enquiries"),
    ]
    assert sheet.rows[0][2] == "Kenya (Example Cloud: international data transfer agreement)"
    everything = " ".join(cell for row in (sheet.head, *sheet.rows) for cell in row)
    for unwanted in ("customer support", "enquirer", "12 months", "e-mail"):
        assert unwanted not in everything


def test_customers_that_nobody_declared_are_asked_for() -> None:
    assert made(policy())["processor"].rows[0][0] == UNKNOWN


def test_who_does_nothing_for_others_has_no_record_of_it() -> None:
    assert set(made(full())) == {"controller"}


def test_jamaica_wants_particulars_and_what_the_policy_does_not_know_is_not_guessed() -> None:
    sheet = made(policy(jurisdictions=("JM",)))["jamaica"]
    said = {row[0]: row[1] for row in sheet.rows}
    assert [name[:3] for name in said][:9] == [f"({letter})" for letter in "abcdefghi"]
    assert said["(g) States outside Jamaica"] == "Kenya"
    assert "caller" in said["(d) Data, and categories of people"]
    assert said["(h) Whether a public authority"] == UNKNOWN
    assert "jamaica" not in made(policy())


def test_kenya_registers_both_roles_apart_and_wants_a_schedule() -> None:
    found = made(policy(jurisdictions=("KE",)))
    assert {"kenya-controller", "kenya-processor", "kenya-retention"} <= set(found)
    assert [row[0] for row in found["kenya-processor"].rows] == ["Enquiries"]
    assert "Enquiries" not in [row[0] for row in found["kenya-controller"].rows]
    schedule = {row[0]: row for row in found["kenya-retention"].rows}
    assert set(schedule) == {"Call recording", "Client accounts", "Enquiries", "Minutes"}
    assert schedule["Client accounts"][4] == "archived"
    assert schedule["Minutes"][4] == "it stays"


def test_every_row_has_a_cell_for_each_column() -> None:
    for found in made(policy(jurisdictions=("JM", "KE", "EU"))).values():
        assert {len(row) for row in found.rows} == {len(found.head)}
