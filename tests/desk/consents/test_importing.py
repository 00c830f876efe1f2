"""An older list is taken over whole, with what shows each consent, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from servanda.desk.consents import history, importing
from servanda.kernel.digest import sha256_hex
from servanda.kernel.errors import UsageError
from servanda.state.models import ConsentRecord
from tests.desk.consents import world
from tests.desk.consents.world import JO, KIM, LEE, may

HEAD = "email,purpose,channel,choice,at,how,evidence,source\n"
GOOD = (
    f"{HEAD}{JO},marketing,email,yes,2025-03-01,form,ticked the box,quote-2025\n"
    f"{KIM},marketing,email,no,,,,\n"
    f'{LEE},marketing,sms,YES,2025-04-01T10:00:00+00:00,paper,"a card, signed",\n'
)


def test_all_rows_are_taken_with_their_evidence(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    acts = importing.read(book, GOOD, source="old-list", by="account ann")
    done = importing.load(book, acts)
    assert (done.rows, done.yes, done.no) == (3, 2, 1)
    assert may(book, now=None).may  # type: ignore[arg-type]
    assert may(book, f"email:{KIM}", now=None).detail == "refused"  # type: ignore[arg-type]
    found = history.person(book, book.mark("email", JO))
    assert found is not None
    (kept,) = history.of(found.subject)
    assert kept.data["said_at"].startswith("2025-03-01") and kept.data["source"] == "quote-2025"
    assert kept.data["proof"] == sha256_hex(b"ticked the box")
    assert history.note(book, kept) == "ticked the box"
    assert "ticked" not in kept.raw.decode()
    assert kept.data["until"] == {"marketing": "2027-03-01"}  # counted from when it was given
    raw = json.loads(ConsentRecord.objects.order_by("entry").last().data)  # type: ignore[union-attr]
    assert raw["source"] == "old-list" and raw["by"] == "account ann"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{HEAD}{JO},marketing,email,yes,,form,,x\n", "line 2: a yes needs"),
        (f"{HEAD}{JO},marketing,email,yes,2025-03-01,form,,x\n", "line 2: a yes needs"),
        (f"{HEAD}{JO},marketing,email,maybe,,,,\n", "line 2: the choice"),
        (f"{HEAD}{JO},marketing,email,yes,yesterday,form,e,x\n", "line 2: that is no day"),
        (f"{HEAD}{JO},marketing,email,yes,2999-01-01,form,e,x\n", "still to come"),
        (f"{HEAD}{JO},marketing,email,no,,hearsay,,\n", "line 2: nobody consents"),
        (f"{GOOD}{JO},sell,email,yes,2025-03-01,form,e,x\n", "line 5: the policy asks nobody"),
        (f"{GOOD}nobody,marketing,email,no,,,,\n", "line 5: that is not an e-mail"),
        ("email,purpose,agreed\n", 'no column "agreed"'),
        ("email,purpose\n", "first line"),
        ("", "first line"),
    ],
)
def test_one_wrong_row_and_none_is_taken(
    sqlite_state: str, tmp_path: Path, text: str, says: str
) -> None:
    book = world.book(tmp_path)
    with pytest.raises(UsageError, match=says) as refused:
        importing.load(book, importing.read(book, text))
    assert "@" not in refused.value.what
    assert not ConsentRecord.objects.exists()
