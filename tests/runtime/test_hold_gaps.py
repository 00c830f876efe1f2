"""A hold says where it cannot look: on a real company's stores, and for each way in which
collections hang together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from servanda.cli.main import main
from servanda.runtime import holdgaps, holding
from servanda.runtime.workspace import Workspace
from tests.examples.office import build, office

MAIL, PHONE = "sinead.quigg@client.example", "028 9018 0101"
BY_PHONE = (
    "logs.full",
    "logs.queue",
    "pbx.cdr",
    "pbx.cel",
    "recordings.calls",
    "voicemail.messages",
)


@pytest.fixture
def jtec(tmp_path: Path) -> Iterator[Workspace]:
    folder = tmp_path / "office"
    with office("jtec-northern-ireland", folder, {}) as workspace:
        build("jtec-northern-ireland", folder)
        workspace.use_state()
        yield workspace


def test_an_address_alone_does_not_search_the_calls(jtec: Workspace) -> None:
    (gap,) = holdgaps.gaps(jtec, ["email"])
    assert (gap.collections, gap.kinds, gap.linked) == (BY_PHONE, ("phone",), False)
    assert "pbx.cdr" in gap.what
    assert "telephone number" in gap.remedy


def test_what_is_said_not_to_be_searched_truly_is_not_and_what_is_said_helps(
    jtec: Workspace,
) -> None:
    """Against the stores: nothing is held there by the address, and all of it by both."""
    by_mail = holding.add(jtec, holding.Wanted((("email", MAIL),)), reason="x", by="me")
    (gap,) = holdgaps.gaps(jtec, ["email"])
    assert not holding.covered(jtec, by_mail).counts.keys() & set(gap.collections)
    both = holding.Wanted((("email", MAIL), ("phone", PHONE)))
    counts = holding.covered(jtec, holding.add(jtec, both, reason="x", by="me")).counts
    assert counts["pbx.cdr"] == 3
    assert counts["recordings.calls"] == 3
    assert counts["voicemail.messages"] == 1
    assert holdgaps.gaps(jtec, ["email", "phone"]) == ()


def test_a_number_alone_does_not_search_what_is_known_by_address(jtec: Workspace) -> None:
    told = {name for gap in holdgaps.gaps(jtec, ["phone"]) for name in gap.collections}
    assert {"website.enquiries", "website.comments"} <= told
    assert not told & {*BY_PHONE, "accounts.clients"}


def test_holds_by_record_or_condition_have_no_gaps(jtec: Workspace) -> None:
    assert holdgaps.gaps(jtec, []) == ()


def test_what_hangs_on_what_was_found_is_held_as_far_as_links_lead(jtec: Workspace) -> None:
    configs = [each for config in jtec.configs for each in config.collections]
    mailed = [
        replace(each, identify=(("email", ("userfield",)),)) if each.id == "pbx.cdr" else each
        for each in configs
    ]
    found = {gap.linked: gap.collections for gap in holdgaps.gaps_in(mailed, ["email"])}
    assert found[True] == ("pbx.cel",)  # it knows people by number, and hangs on the calls
    assert "recordings.calls" not in found[False]
    nobody = [replace(each, identify=(), links=()) for each in configs]
    (gap,) = holdgaps.gaps_in(nobody, ["email"])
    assert (gap.kinds, gap.linked) == ((), False)
    assert "condition" in gap.remedy


def test_the_command_says_it_when_a_hold_is_set_and_in_the_list(
    jtec: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(jtec.folder)
    jtec.close()

    def said(*words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main([*words, "-C", folder])
        assert ended.value.code == 0
        return capsys.readouterr().out

    set_ = ("hold", "add", "--reason", "a claim", "--by", "me")
    for told in (said(*set_, "--email", MAIL), said("hold", "list")):
        assert "covers nothing there: logs.full, logs.queue, pbx.cdr" in told
        assert "set another hold by the person's telephone number" in told
    assert '"not_searched": [' in said("hold", "list", "--json")
    whole = said(*set_, "--email", MAIL, "--phone", PHONE)
    assert "covers 3 in pbx.cdr" in whole
    assert "covers nothing there" not in whole
