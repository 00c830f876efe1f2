"""Searches for traces of what went: in declared text fields, file names, and by-products.

A sample is searched, so that the search costs a bounded time; how many values were searched is
part of the evidence. Only counts leave this module, never a value. What the store itself must
keep for a while (logs, free pages, backups) is stated with its end (`aftercare`).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from servanda.apply import byproducts, keyvalues
from servanda.apply.job import Job
from servanda.apply.outcome import ResidueFound
from servanda.apply.site import store_of
from servanda.kernel.errors import StoreUnreachable
from servanda.kernel.predicate import Contains, Everything, OneOf, Predicate, any_of
from servanda.ledger import manifests
from servanda.plan.steps import Redact, Write
from servanda.state.models import Window
from servanda.stores.mapping import Collection, Column, FilePart, JsonPath
from servanda.stores.ownership import ties
from servanda.stores.port import Store, StoreShape

MOST = 1_000  # values a step
SHORTEST = 6  # letters; anything shorter is found by chance
_COMPARISONS = 20_000_000  # records × fields × values searched inside text
_PARTS = 400  # of one condition
_TEXT = ("char", "text", "clob", "json", "enum", "string")


def of(job: Job, store: str, reader: Store) -> list[ResidueFound]:
    """One finding for each collection of the store that the run has changed."""
    changed: dict[str, list[Write]] = {}
    for step in _done(job):
        if store_of(step.collection) == store:
            changed.setdefault(step.collection, []).append(step)
    if not changed:
        return []
    care = job.stores[store].aftercare([job.site.collection(each) for each in changed])
    statements = tuple((each.where, each.until) for each in care)
    found: list[ResidueFound] = []
    for id_, done in changed.items():
        collection = job.site.collection(id_)
        searched = traces = 0
        unseen: set[str] = set()
        for step in done:
            if isinstance(step, Redact):
                looked, still = job.samples.still(step, reader, collection)
            else:
                looked, still = _search(job, step, collection, reader, unseen)
            searched += looked
            traces += still
        beside = byproducts.search(job.site.config(store), collection, _sample(job, done))
        unread = [(f"store {name}, not searched", "it answers") for name in sorted(unseen)]
        if beside.unread:
            unread.append((f"{beside.unread} by-products, not searched", "they can be read"))
        found.append(ResidueFound(id_, searched, traces + beside.holding, (*statements, *unread)))
    return found


def _done(job: Job) -> Iterator[Write]:
    touched = set(
        Window.objects.filter(run_id=job.run, count__gt=0).values_list("step", flat=True).distinct()
    )
    for step in job.plan.steps:
        if step.id in touched:
            yield job.step(step.id)


def _search(
    job: Job, step: Write, collection: Collection, reader: Store, unseen: set[str]
) -> tuple[int, int]:
    """(values, traces); linked stores that do not answer are added to `unseen`."""
    values = _values(job, step)
    if not values:
        return 0, 0
    traces = 0
    for other in _near(job, collection):
        spared = _pointing(other, collection)
        if other.store == collection.store:
            traces += _in(reader, other, values, spared)
            continue
        try:
            traces += _in(job.stores[other.store], other, values, spared)
        except StoreUnreachable as error:
            unseen.add(error.store)
    return len(values), traces


def _pointing(other: Collection, collection: Collection) -> set[str]:
    """Fields by which records of another collection point at ours, where they tell nothing of a
    person: a payment that is kept for its own time still has the number of its account. In our
    own, the parts of a key that its records share: a device, a kind of message."""
    if other.id == collection.id:
        shared = set(collection.key) if len(collection.key) > 1 else set()
        return shared - {field.name for field in collection.personal}
    joining = {
        name
        for tie in ties([other, collection])
        for name in (tie.ours if tie.upper == other.id else tie.theirs)
    }
    return joining - {field.name for field in other.personal}


def _in(
    store: Store, collection: Collection, values: Sequence[str], spared: Container[str] = ()
) -> int:
    fields = [each for each in text_fields(collection, store.shape()) if each not in spared]
    return _in_fields(store, collection, fields, values) if fields else 0


def _sample(job: Job, done: Iterable[Write]) -> tuple[str, ...]:
    return tuple(v for step in done if not isinstance(step, Redact) for v in _values(job, step))


def _values(job: Job, step: Write) -> tuple[str, ...]:
    """Text values of removed records' keys, from the run's own manifests."""
    found: dict[str, None] = {}
    files = job.site.collection(step.collection).files
    # Where files are renumbered, the name of one that went is soon that of another.
    first = 1 if files is not None and files.sequence else 0
    digests = (
        Window.objects.filter(run_id=job.run, step=step.id, count__gt=0, part="")
        .exclude(manifest="")
        .order_by("number")
        .values_list("manifest", flat=True)
    )
    for digest in digests:
        keys = manifests.open_sealed(job.site.master, digest)
        if keys.encoding != "json":
            break
        for value in _texts(row[first:] for row in keyvalues.values(keys)):
            found[value] = None
            if len(found) == MOST:
                return tuple(found)
    return tuple(found)


def _texts(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    for row in rows:
        for value in row:
            if isinstance(value, str) and len(value) >= SHORTEST:
                yield value


def _near(job: Job, collection: Collection) -> Iterator[Collection]:
    """The collection itself and those linked with it, in stores that are open."""
    yield collection
    for config in job.site.configs.values():
        for other in config.collections:
            linked = {link.to for link in other.links} | {
                link.to for link in collection.links if link.to == other.id
            }
            if (
                other.id != collection.id
                and other.store in job.stores
                and (collection.id in linked or other.id in linked)
            ):
                yield other


def text_fields(collection: Collection, shape: StoreShape) -> list[str]:
    table = shape.table(collection.source)
    types = {name: kind.lower() for name, kind in table.columns} if table else {}
    found: list[str] = []
    for field in collection.fields:
        match field.source:
            case Column(name) | JsonPath(name, _):
                text = not collection.tabular or any(t in types.get(name, "") for t in _TEXT)
            case FilePart(part):
                text = part not in ("size", "mtime")
            case _:
                text = False
        if text:
            found.append(field.name)
    return found


def _in_fields(
    store: Store, collection: Collection, fields: Sequence[str], values: Sequence[str]
) -> int:
    """Records with one of the values: the whole sample as whole fields, some inside text."""
    rows = store.tally(collection, Everything()).count
    # SQLite refuses a condition of more than a thousand parts.
    most = min(100, _PARTS // len(fields), _COMPARISONS // max(1, rows * len(fields)))
    inside = max(1, most)
    parts: list[Predicate] = [OneOf(field, tuple(values)) for field in fields]
    parts += [Contains(field, value) for field in fields for value in values[:inside]]
    return store.tally(collection, any_of(parts)).count if rows else 0
