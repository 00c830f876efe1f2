"""The search itself: recognise, follow, count owners, judge, gather. Only reads stores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from servanda.kernel.collector import resting
from servanda.kernel.errors import StoreUnreachable
from servanda.plan.find.chart import Chart, chart
from servanda.plan.find.fates import Judge
from servanda.plan.find.homonyms import settle
from servanda.plan.find.model import Pending, Subject, Tree
from servanda.plan.find.outcome import Gatherer
from servanda.plan.find.owners import Owners
from servanda.plan.find.people import People
from servanda.plan.find.reader import Reader
from servanda.plan.find.seeds import Recognised
from servanda.plan.find.walk import Walk
from servanda.stores.mapping import Collection
from servanda.stores.port import Store


def find(
    subjects: Sequence[Subject],
    collections: Iterable[Collection],
    stores: Mapping[str, Store | StoreUnreachable],
    *,
    together: bool = False,
    own: Iterable[tuple[str, str]] = (),
) -> list[Tree]:
    """What is whose: one tree for each subject, in their order, all found in the same reads.

    Each tree says what would go if that subject alone went; with `together`, if all of them did.
    `own`: identities of the organisation itself. A store that fails is told as pending in every
    tree; this raises nothing of the stores.
    """
    with resting():
        return _found(subjects, list(collections), stores, own, together=together)


def _found(
    subjects: Sequence[Subject],
    mapped: Sequence[Collection],
    stores: Mapping[str, Store | StoreUnreachable],
    own: Iterable[tuple[str, str]],
    *,
    together: bool,
) -> list[Tree]:
    known = chart(mapped)
    sheets, ways = known.laid_out()
    reader = Reader(stores)
    region = next((each.region for each in mapped if each.region), None)
    recognised = Recognised(People(subjects, own, region))
    reader.ask(list(recognised.asks(sheets.values())))
    contested = settle(subjects, recognised, sheets)
    for number, subject in enumerate(subjects):
        for gone in subject.gone:
            if gone.collection in sheets:
                sheets[gone.collection].remember(gone, number)
    walk = Walk(reader, subjects, ways, contested)
    walk.everything(sheets.values())
    owners = Owners()
    owners.count(reader, ways)
    pending = tuple(_pending(known, reader))
    gatherer = Gatherer(
        subjects,
        sheets,
        recognised,
        walk.arrivals,
        Judge(ways, owners, recognised, reader.failed.keys(), contested),
        known.persons,
        pending,
        tuple(id_ for id_, store in known.searched.items() if reader.answers(store)),
    )
    return gatherer.trees(together=together)


def _pending(known: Chart, reader: Reader) -> Iterable[Pending]:
    silent = [each for each in known.stores if not reader.answers(each)]
    store_of = {each.id: each.store for each in known.collections} if silent else {}
    for store in silent:
        inside = [id_ for id_, of in known.searched.items() if of == store]
        below, todo = set[str](), list(inside)
        while todo:
            upper = todo.pop()
            for tie in known.ties:
                if tie.upper == upper and tie.lower not in below:
                    below.add(tie.lower)
                    todo.append(tie.lower)
        behind = sorted(id_ for id_ in below if store_of[id_] != store)
        if inside:
            yield Pending(store, reader.failed[store], tuple(inside), tuple(behind))
