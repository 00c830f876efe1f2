"""What the law of the place and of the day wants said stands in the letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from servanda import law
from servanda.publish.letters import KINDS, letter, text
from servanda.publish.letters.lawful import stated
from servanda.publish.receipt import KeptLine, StoreLine
from tests.publish.letters.sample import sample


def test_there_is_a_sentence_for_all_that_any_law_asks_for() -> None:
    kinds: tuple[Literal["access", "refusal"], ...] = ("access", "refusal")
    for to in kinds:
        asked = {
            each
            for place in law.jurisdictions().values()
            for reply in place.replies
            for each in reply.states
            if reply.to == to
        }
        assert len(asked) > 2
        assert asked <= set(stated(to))


def test_a_refusal_says_ground_source_and_every_way_to_complain(tmp_path: Path) -> None:
    data = sample(tmp_path, grounds=("legal_claims",), reasons=())
    made = letter("refusal", data)
    said = " ".join(text(made).split())
    assert "The data are needed to establish, exercise or defend legal claims." in said
    assert "UK GDPR art. 17(3)(e)" in said
    assert "Complain to us: privacy@example.test" in said
    assert "Information Commissioner (ICO)" in said and "go to court" in said
    assert set(made.says) == {
        "reasons",
        "complaint_to_controller",
        "complaint_to_regulator",
        "judicial_remedy",
    }


def test_the_law_is_that_of_the_day_of_receipt(tmp_path: Path) -> None:
    before = letter("refusal", sample(tmp_path, received=date(2026, 2, 4)))
    after = letter("refusal", sample(tmp_path, received=date(2026, 2, 5)))
    assert "complaint_to_controller" in after.says
    assert "complaint_to_controller" not in before.says


@pytest.mark.parametrize(
    ("place", "regulator", "court"),
    [
        ("KE", "Data Protection Commissioner", False),
        ("JM", "Office of the Information Commissioner", False),
        ("DE", "supervisory authority", True),
    ],
)
def test_each_place_has_its_own(tmp_path: Path, place: str, regulator: str, court: bool) -> None:
    said = " ".join(text(letter("refusal", sample(tmp_path, place))).split())
    assert regulator in said and ("go to court" in said) is court


def test_two_laws_are_both_obeyed(tmp_path: Path) -> None:
    made = letter("refusal", sample(tmp_path, "KE", "DE"))
    said = " ".join(text(made).split())
    assert "Data Protection Commissioner" in said and "supervisory authority" in said
    assert "judicial_remedy" in made.says


def test_where_no_law_asks_the_letter_still_says_where_to_turn(tmp_path: Path) -> None:
    made = letter("refusal", sample(tmp_path, "PR"))
    assert "Write to us: privacy@example.test." in text(made)


def test_access_tells_the_points_of_the_law(tmp_path: Path) -> None:
    made = letter("access", sample(tmp_path, right="access"))
    said = " ".join(text(made).split())
    for each in (
        "What it is for: providing the service",
        "What makes it lawful: performance of a contract",
        "Host & Sons (processor, United States",
        "standard contractual clauses",
        "Where it comes from: from the telephone system",
        "Decisions made by machines alone",
        "At most 1 year after a call",
        "You also have these rights",
        "Information Commissioner",
        "passphrase comes separately",
        "15 March 2026",
        "we hold these for a customer",
        "could not read pbx",
    ):
        assert each in said, each
    assert "transfer_safeguards" in made.says


def test_a_ground_the_law_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no law that applies knows the ground"):
        letter("refusal", sample(tmp_path, grounds=("we_prefer_not_to",)))
    with pytest.raises(ValueError, match="knows the ground"):
        letter("refusal", sample(tmp_path, right="access", grounds=("legal_claims",)))


def test_a_refusal_without_reasons_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs its reasons"):
        letter("refusal", sample(tmp_path, reasons=()))


def test_what_is_kept_comes_with_the_way_to_complain(tmp_path: Path) -> None:
    part = letter("erasure", sample(tmp_path))
    said = " ".join(text(part).split())
    assert "- 3 records, until 5 April 2033: invoices, tax law." in said
    assert "What is not finished yet" in said and "pbx: the system could not be reached" in said
    assert "reasons" in part.says and "judicial_remedy" in part.says
    done = sample(tmp_path, stores=sample(tmp_path).stores[:1])
    whole = letter("erasure", replace(done, customer=""))
    assert "We have erased all that we had of you: 7 records." in text(whole)
    theirs = " ".join(text(letter("erasure", done)).split())
    assert "all that we had of you for our customer Acme Ltd: 7 records." in theirs
    assert "complaint_to_regulator" in whole.says and "reasons" not in whole.says


@pytest.mark.parametrize("kind", ["rectified", "restricted", "objection", "withdrawal"])
def test_every_answer_names_the_regulator(kind: str, tmp_path: Path) -> None:
    """Policies promise it of every reply, and `servanda status` judges them by it."""
    made = letter(kind, sample(tmp_path, right="object", corrections=("name: Jo",)))
    assert "complaint_to_regulator" in made.says
    assert "you can complain to the Commissioner" in " ".join(text(made).split())


def test_an_objection_is_named_as_one(tmp_path: Path) -> None:
    said = " ".join(text(letter("objection", sample(tmp_path, right="object"))).split())
    assert "you asked us to stop using your data" in said


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_can_be_written_and_names_the_request(kind: str, tmp_path: Path) -> None:
    made = letter(kind, sample(tmp_path))
    said = text(made)
    assert "Example IT" in said and "privacy@example.test" in said
    assert "(request 12)" in said and "1 March 2026" in said
    assert said.count("Dear ") == 1
    assert max(len(line) for line in said.splitlines()) <= 72


def test_the_customer_is_told_what_was_asked_in_the_third_person(tmp_path: Path) -> None:
    for right, words in (("erasure", "to erase their data"), ("withdraw", "their consent")):
        said = " ".join(text(letter("routed-customer", sample(tmp_path, right=right))).split())
        assert "Dear Acme Ltd," in said and words in said and "your data" not in said


def test_an_unknown_letter_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='no letter "love"'):
        letter("love", sample(tmp_path))


def test_nothing_is_said_of_systems_that_did_not_answer(tmp_path: Path) -> None:
    data = sample(tmp_path)
    late = {each.store for each in data.stores if each.state in ("pending", "unreachable")}
    said = " ".join(text(letter("nothing-found", data)).split())
    assert late and "in every system that we could reach" in said
    assert all(each in said.partition("could not read")[2] for each in late)
    assert not any(each in said.partition("We searched:")[2].split(".")[0] for each in late)
    reached = sample(tmp_path, stores=data.stores[:1])
    whole = " ".join(text(letter("nothing-found", reached)).split())
    assert "everywhere where we keep data" in whole and "could not read" not in whole


def test_an_objection_says_to_which_use(tmp_path: Path) -> None:
    said = " ".join(text(letter("objection", sample(tmp_path, right="object"))).split())
    assert "you asked us to stop using your data" in said


def test_systems_without_anything_of_the_person_are_not_named(tmp_path: Path) -> None:
    stores = (StoreLine("crm", "done", 2), StoreLine("archive", "done", 0))
    said = text(letter("erasure", sample(tmp_path, stores=stores)))
    assert " 2 records." in " ".join(said.split()) and "\n- crm\n" in said and "archive" not in said


def test_a_letter_says_each_thing_once_and_in_plain_words(tmp_path: Path) -> None:
    why = "Billing: we have to keep this for a time"
    stores = (
        StoreLine(
            "tbl2", "kept", 5, (KeptLine(2, why),), called="Billing", parts=(("Clients", 5),)
        ),
        StoreLine(
            "archive7", "kept", 3, (KeptLine(1, why),), called="Billing", parts=(("Clients", 3),)
        ),
        StoreLine("pbx9", "pending", 1, called="Calls", parts=(("Calls", 1),)),
    )
    said = " ".join(text(letter("erasure", sample(tmp_path, stores=stores))).split())
    assert "- Clients: 8 records - Calls: 1 record " in said
    assert "What is not finished yet ------------------------ - Calls. " in said
    assert f"- 3 records: {why}. " in said
    assert all(said.count(each) == 1 for each in (why, "Clients", "not finished yet"))
    assert not any(each in said for each in ("tbl2", "archive7", "pbx9"))
