"""Build a plan for requests: find all their people in one pass, then decide record by record.

Reads stores, changes nothing. What a store that does not answer may hold is left for later: the
plan says which, and by which values what goes here leads on (`gone`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from servanda.kernel import identity
from servanda.kernel.collector import resting
from servanda.plan.find import Tree, find
from servanda.plan.order import owned_by, sequence
from servanda.plan.requests.correcting import correct
from servanda.plan.requests.erasure import Gathered, erase
from servanda.plan.requests.file import sealed
from servanda.plan.requests.ground import Ground
from servanda.plan.requests.model import Lot, RequestPlan, Silent, Unclear, Wish, store_of
from servanda.stores.mapping import Collection
from servanda.stores.ownership import ties

_CORRECTING = ("rectification", "withdraw", "object")


def build(
    wishes: Sequence[Wish],
    ground: Ground,
    *,
    mapping: str,
    own: Sequence[tuple[str, str]] = (),
) -> RequestPlan:
    """The plan for these wishes now. `mapping`: digest of stores.yaml and packs. `own`:
    identities of the organisation itself."""
    with resting():
        return _built(wishes, ground, mapping, own)


def _built(
    wishes: Sequence[Wish], ground: Ground, mapping: str, own: Sequence[tuple[str, str]]
) -> RequestPlan:
    gathered = Gathered()
    collections = ground.collections()
    erasing = [each for each in wishes if each.right == "erasure"]
    changing = [each for each in wishes if each.right in _CORRECTING]
    trees: dict[str, Tree] = {}
    unclear: list[Unclear] = []
    for group, together in ((erasing, True), (changing, False)):
        trees |= _found(group, collections, ground, own, unclear, together=together)
    erase([(w, trees[w.ref]) for w in erasing if w.ref in trees], ground, gathered)
    correct([(w, trees[w.ref]) for w in changing if w.ref in trees], ground, gathered)
    silent = {each.store: each.why for tree in trees.values() for each in tree.pending}
    silent |= ground.silent
    region = identity.region_of(ground.policy.country)
    plan = RequestPlan(
        made_at=ground.now,
        policy=ground.policy.digest,
        mapping=mapping,
        refs=tuple(each.ref for each in wishes if each.ref in trees),
        lots=ordered(list(gathered.all_lots()), collections),
        kept=tuple(gathered.all_kept()),
        silent=tuple(Silent(store, why) for store, why in sorted(silent.items())),
        unclear=tuple(unclear),
        gone=tuple(
            (wish.ref, gone)
            for wish in erasing
            if wish.ref in trees
            for gone in trees[wish.ref].leads
        ),
        people=tuple((w.ref, _normal(w, region)) for w in erasing if w.ref in trees),
        shapes=tuple((store, shape) for store, (shape, _) in sorted(ground.shapes.items())),
        empty=tuple(ref for ref, tree in trees.items() if not tree.branches),
    )
    return sealed(plan)


def _found(
    wishes: Sequence[Wish],
    collections: Sequence[Collection],
    ground: Ground,
    own: Sequence[tuple[str, str]],
    unclear: list[Unclear],
    *,
    together: bool,
) -> Mapping[str, Tree]:
    """A tree for each wish. Where it is unclear who is meant, the others are found without them:
    what goes is told for all that go, and these do not."""
    clear = list(wishes)
    while clear:
        subjects = [replace(each.subject, ref=each.ref) for each in clear]
        trees = find(subjects, collections, ground.stores, together=together, own=own)
        doubtful = {t.subject.ref: t.ambiguities for t in trees if t.ambiguities}
        if not doubtful:
            return {tree.subject.ref: tree for tree in trees}
        unclear += [Unclear(ref, found) for ref, found in doubtful.items()]
        clear = [each for each in clear if each.ref not in doubtful]
    return {}


def _normal(wish: Wish, region: str) -> tuple[tuple[str, str], ...]:
    """Who is erased, in the one form by which they are known again."""
    found = (
        (kind, identity.folded(identity.fold_of(kind, region), value))
        for kind, value in wish.subject.identities
    )
    return tuple(dict.fromkeys((kind, each) for kind, each in found if each is not None))


def ordered(lots: Sequence[Lot], collections: Sequence[Collection]) -> tuple[Lot, ...]:
    """What is owned before its owner: stores among each other, and collections within a store."""
    below: dict[str, set[str]] = {each.store: set() for each in collections}
    for tie in ties(collections):
        upper, lower = store_of(tie.upper), store_of(tie.lower)
        if tie.owns and upper != lower:
            below[upper].add(lower)
    stores = {name: place for place, name in enumerate(sequence(below))}
    places = {id_: place for place, id_ in enumerate(sequence(owned_by(collections)))}
    return tuple(
        sorted(lots, key=lambda lot: (stores[store_of(lot.collection)], places[lot.collection]))
    )
