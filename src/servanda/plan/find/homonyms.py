"""Several people behind one address: found, told, and never merged.

The harm: two customers share an e-mail address, one of them asks for their data, and both go. So
several records that are a person each are an ambiguity until somebody has said which one is
meant; what only the shared address leads to is then contested, and stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from servanda.plan.find.joints import text_of
from servanda.plan.find.model import Ambiguity, Key, Subject
from servanda.plan.find.seeds import Recognised
from servanda.plan.find.sheets import Record, Sheet
from servanda.stores.ownership import Tie, by_key


def one_per_person(sheets: Mapping[str, Sheet], ties: Iterable[Tie]) -> set[str]:
    """Collections in which a record is a person: the mapping says so, or other records point at
    it by its key."""
    pointed_at = {
        tie.upper
        for tie in ties
        if tie.upper != tie.lower and by_key(tie, sheets[tie.upper].collection)
    }
    return {
        id_
        for id_, sheet in sheets.items()
        if sheet.collection.identify
        and (
            id_ in pointed_at
            if sheet.collection.one_per_person is None
            else sheet.collection.one_per_person
        )
    }


def settle(
    subjects: Sequence[Subject], recognised: Recognised, sheets: Mapping[str, Sheet]
) -> set[tuple[Record, int]]:
    """Leave to each subject the records somebody has chosen; what is contested then."""
    contested: set[tuple[Record, int]] = set()
    for number, subject in enumerate(subjects):
        chosen: dict[str, set[tuple[str, ...]]] = {}
        for collection, key in subject.only:
            chosen.setdefault(collection, set()).add(_text(key))
        shared: set[tuple[str, str]] = set()
        for collection, keys in chosen.items():
            if collection not in sheets:
                continue
            for record in sheets[collection].records.values():
                if number in record.owned and _text(record.key) not in keys:
                    del record.owned[number]
                    shared |= recognised.identities(record, number)
        if not shared:
            continue
        for id_, sheet in sheets.items():
            for record in sheet.records.values() if id_ not in chosen else ():
                if number in record.owned and recognised.identities(record, number) <= shared:
                    contested.add((record, number))
    return contested


def ambiguities(
    number: int, records: Iterable[Record], persons: AbstractSet[str], recognised: Recognised
) -> tuple[Ambiguity, ...]:
    """`records`: those in which the subject was recognised."""
    alike: dict[Sheet, list[Record]] = {}
    for record in records:
        if record.sheet.collection.id in persons and recognised.matched.get(record, {}).get(number):
            alike.setdefault(record.sheet, []).append(record)
    return tuple(
        Ambiguity(
            sheet.collection.id,
            tuple(
                dict.fromkeys(
                    kind for each in found for kind, _ in recognised.matched[each][number]
                )
            ),
            sheet.named_by,
            tuple(each.key for each in found),
            tuple(
                name
                for place, name in enumerate(sheet.fields)
                if len({each.values[place] for each in found}) > 1
            ),
        )
        for sheet, found in alike.items()
        if len(found) > 1
    )


def _text(key: Key) -> tuple[str, ...]:
    return tuple("" if part is None else text_of(part) for part in key)
