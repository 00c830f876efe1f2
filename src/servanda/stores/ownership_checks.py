"""Is it sound what a collection says of whose its records are?

`check_reached` looks at all collections together, so it is asked only when each is sound alone:
a personal field that no person can be led to would be missing from every answer we give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from servanda.kernel.located import Findings, Where
from servanda.kernel.suggest import did_you_mean
from servanda.policy.types import brief
from servanda.stores.compile import full_fields, identifier
from servanda.stores.document import CollectionDoc
from servanda.stores.link_parts import LinkDoc, OnEraseDoc
from servanda.stores.mapping import Collection
from servanda.stores.ownership import unreached
from servanda.stores.parts import FieldSpec


def check_parties(doc: CollectionDoc, findings: Findings, where: Where) -> None:
    """Each party has an identifier of its own, and its fields exist and can be erased."""
    fields = full_fields(doc)
    identifiers = {identifier(each) for listed in doc.identify.values() for each in listed}
    seen: dict[str, str] = {}
    for party, names in doc.parties.items():
        place: Where = (*where, "parties", party)
        if not identifiers & set(names):
            findings.error(
                place,
                "party-without-identity",
                f'nothing identifies "{brief(party)}"',
                "add a field to it that `identify` names, or remove it",
                key=True,
            )
        for index, name in enumerate(names):
            if name in identifiers and seen.setdefault(name, party) != party:
                findings.error(
                    (*place, index),
                    "duplicate-entry",
                    f'"{brief(name)}" identifies "{brief(seen[name])}" already',
                    "keep one of them",
                )
            _check_erasable(name, fields, findings, (*place, index))
    for index, name in enumerate(doc.shared):
        if name in identifiers or any(name in names for names in doc.parties.values()):
            findings.error(
                (*where, "shared", index),
                "duplicate-entry",
                f'"{brief(name)}" tells of one of the persons already',
                "keep one of them: in `shared` it tells of all of them at once",
            )
        _check_erasable(name, fields, findings, (*where, "shared", index))


def check_unlinked(doc: CollectionDoc, findings: Findings, where: Where) -> None:
    if doc.unlinked is not None and doc.identify:
        findings.error(
            (*where, "unlinked"),
            "unlinked-and-identified",
            "the collection identifies people, and says that it does not",
            "keep `identify` or `unlinked`",
            key=True,
        )


def check_link(
    link: LinkDoc, owned: CollectionDoc | None, findings: Findings, place: Where
) -> None:
    """What a link says of access and erasure; `owned` is the side that is owned or accessed."""
    fields = full_fields(owned) if owned is not None else None
    if link.on_access is not None:
        for index, name in enumerate(link.on_access.redact):
            _check_known(name, fields, findings, (*place, "on_access", "redact", index))
    if isinstance(link.on_erase, OnEraseDoc):
        for index, name in enumerate(link.on_erase.redact):
            at: Where = (*place, "on_erase", "redact", index)
            if _check_known(name, fields, findings, at) and fields is not None:
                _check_erasable(name, fields, findings, at)
    elif link.on_erase == "delete" and link.as_ in ("accesses", "accessed_by"):
        findings.error(
            (*place, "on_erase"),
            "erased-by-accessor",
            "who only sees a record does not take it along",
            "make the link `owned_by` or `owns`, or say `on_erase: {redact: […]}`",
        )


def check_reached(collections: Sequence[Collection], findings: Findings) -> None:
    """Every personal field belongs to somebody who can be found."""
    for each in unreached(collections):
        names = [field.name for field in each.personal]
        shown = ", ".join(map(brief, names[:4])) + (", …" if len(names) > 4 else "")
        what = "the personal fields" if len(names) > 1 else "the personal field"
        findings.error(
            ("stores", each.store, "collections", each.name),
            "personal-unreached",
            f"no person can be led to {what} of {each.id} ({shown})",
            "say which field identifies a person (`identify`), or whose record it is (`links`), "
            "or why not, for how long, and who answers for it (`unlinked`)",
            key=True,
        )


def _check_known(
    name: str, fields: Mapping[str, FieldSpec] | None, findings: Findings, where: Where
) -> bool:
    if fields is None or name in fields:
        return True
    what = f'"{brief(name)}" is not a declared field of the record that is owned or accessed'
    findings.error(where, "unknown-field", what, did_you_mean(name, fields))
    return False


def _check_erasable(
    name: str, fields: Mapping[str, FieldSpec], findings: Findings, where: Where
) -> None:
    if name in fields and "erase" not in fields[name].model_fields_set:
        findings.error(
            where,
            "erase-missing",
            f'"{brief(name)}" is erased when this person goes and the record stays, but does not '
            "say what becomes of it",
            "add `erase:` null, blank, pseudonym, file_name, {text: …} or {generalise: …} to the "
            "field",
        )
