"""From a collection's document to the mapping dataclasses: all sugar ends here."""

from __future__ import annotations

from typing import Any

from servanda.kernel.predicate import Compare, Missing, OneOf, Predicate, Scalar, all_of, negate
from servanda.policy.types import NOT_PERSONAL, TERMS
from servanda.stores.document import CollectionDoc
from servanda.stores.mapping import (
    Child,
    Clock,
    Collection,
    Column,
    CommandLayout,
    Consent,
    Counter,
    Detach,
    Erasure,
    Exemption,
    Field,
    FileLayout,
    Generalise,
    JsonPath,
    Link,
    Lookup,
    MailboxLayout,
    Party,
    Pseudonym,
    SetNull,
    SetText,
    SoftDelete,
    Source,
)
from servanda.stores.outside import CommandDoc
from servanda.stores.parts import (
    ChildDoc,
    ClockSpec,
    ConstantDoc,
    ExemptDoc,
    FieldSpec,
    InDoc,
    NumberDoc,
    SoftDeleteDoc,
    TestDoc,
    TextErase,
)
from servanda.stores.sources import FileNames, file_source
from servanda.stores.values import ViaDoc


def identifier(doc: str | InDoc) -> str:
    """The field that `identify` names."""
    return doc.in_ if isinstance(doc, InDoc) else doc


def compile_collection(
    store: str, name: str, doc: CollectionDoc, links: tuple[Link, ...], region: str
) -> Collection:
    """Only for a collection without errors."""
    names = FileNames.of(doc.files) if doc.files else None
    layout = doc.files
    tenant = doc.tenant
    constant = isinstance(tenant, ConstantDoc)
    return Collection(
        store=store,
        name=name,
        source=doc.source or _source(name, doc),
        activity=doc.activity,
        key=tuple(doc.key),
        clocks=tuple(_clock(event, each, names) for event, each in doc.clocks.items()),
        fields=(
            *(_field(each, spec, names) for each, spec in full_fields(doc).items()),
            *(Field(each, _plain(each, names)) for each in implied_fields(doc)),
        ),
        where=_where(doc),
        identify=tuple(
            (kind, tuple(dict.fromkeys(map(identifier, each))))
            for kind, each in doc.identify.items()
        ),
        texts=tuple(
            (kind, each.in_)
            for kind, listed in doc.identify.items()
            for each in listed
            if isinstance(each, InDoc)
        ),
        region=region,
        tenant=tenant.constant if isinstance(tenant, ConstantDoc) else tenant,
        tenant_constant=constant,
        links=links,
        parties=tuple(Party(each, tuple(fields)) for each, fields in doc.parties.items()),
        shared=tuple(doc.shared),
        one_per_person=doc.one_per_person,
        unlinked=exemption(doc.unlinked) if doc.unlinked else None,
        children=tuple(_child(each) for each in doc.children),
        counters=tuple(
            Counter(each.table, each.column, _pairs(each.match), _pairs(each.where))
            for each in doc.counters
        ),
        detaches=tuple(
            Detach(each.table, each.column, each.points_at, each.value) for each in doc.detaches
        ),
        consents=tuple(
            Consent(
                purpose,
                each.field,
                tuple(as_text(value) for value in each.yes),
                None if each.no is None else as_text(each.no),
            )
            for purpose, each in doc.consent.items()
            if purpose != TERMS
        ),
        accepted=doc.consent[TERMS].field if TERMS in doc.consent else None,
        exempt=exemption(doc.exempt) if doc.exempt else None,
        soft_delete=_soft_delete(doc.soft_delete),
        emptied=doc.emptied,
        files=(
            FileLayout(
                layout.template,
                tuple(layout.sidecars),
                layout.lines or "",
                layout.rotated or "",
                layout.sequence or "",
            )
            if layout
            else None
        ),
        mailbox=MailboxLayout(tuple(doc.mailbox.folders)) if doc.mailbox else None,
        command=_command(doc.command) if doc.command else None,
        byproducts=tuple(doc.byproducts),
        archive_to=doc.archive_to,
        return_to=doc.return_to,
        expect=tuple(doc.expect),
    )


def _source(name: str, doc: CollectionDoc) -> str:
    if doc.files is not None:
        return doc.files.template
    return doc.mailbox.folders[0] if doc.mailbox is not None else name


def _command(doc: CommandDoc) -> CommandLayout:
    return CommandLayout(tuple(doc.list_), tuple(doc.delete), tuple(doc.env))


def full_fields(doc: CollectionDoc) -> dict[str, FieldSpec]:
    """Every declared field as a mapping, whatever way it was written."""
    found: dict[str, FieldSpec] = {}
    for name, each in doc.fields.items():
        if isinstance(each, FieldSpec):
            found[name] = each
        else:
            found[name] = FieldSpec.model_validate({"is": each})
    for name in doc.not_personal:
        found.setdefault(name, FieldSpec.model_validate({"is": []}))
    return found


def implied_fields(doc: CollectionDoc) -> list[str]:
    """Columns that only `where` names; they say which rows, and nothing about a person."""
    return [each for each in doc.where if each not in full_fields(doc)]


def categories(spec: FieldSpec) -> tuple[str, ...]:
    if isinstance(spec.is_, str):
        return () if spec.is_ == NOT_PERSONAL else (spec.is_,)
    return tuple(spec.is_)


def exemption(doc: ExemptDoc) -> Exemption:
    return Exemption(" ".join(doc.reason.split()), doc.owner, doc.until)


def as_text(value: Scalar) -> str:
    """A constant as stores write it: true and false in small letters."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _field(name: str, spec: FieldSpec, names: FileNames | None) -> Field:
    source: Source
    if names is not None:
        source = file_source(name, spec.part, spec.group, spec.sidecar, names) or Column(name)
    elif spec.via is not None:
        source = _lookup(spec.via)
    elif spec.path is not None:
        source = JsonPath(spec.column or name, tuple(spec.path))
    else:
        source = Column(spec.column or name)
    return Field(name, source, categories(spec), _erasure(spec))


def _plain(name: str, names: FileNames | None) -> Source:
    if names is None:
        return Column(name)
    return file_source(name, None, None, None, names) or Column(name)


def _erasure(spec: FieldSpec) -> Erasure | None:
    match spec.erase:
        case None:
            return SetNull() if "erase" in spec.model_fields_set else None
        case "blank":
            return SetText("")
        case "pseudonym":
            return Pseudonym()
        case "file_name":
            return Pseudonym(ending=True)
        case TextErase(text=text):
            return SetText(text)
        case other:
            to = other.generalise
            return Generalise("number", to.number) if isinstance(to, NumberDoc) else Generalise(to)


def _clock(event: str, doc: str | ClockSpec, names: FileNames | None) -> Clock:
    if isinstance(doc, str):
        return Clock(event, _plain(doc, names))
    source: Source
    if names is not None:
        part = "mtime" if doc.mtime else "path" if doc.path is True else None
        source = file_source(doc.column or "", part, doc.group, doc.sidecar, names) or Column(event)
    elif doc.via is not None:
        source = _lookup(doc.via)
    elif isinstance(doc.path, list):
        source = JsonPath(doc.column or "", tuple(doc.path))
    else:
        source = Column(doc.column or "")
    return Clock(event, source, doc.as_, doc.format or "", doc.zone or "")


def _lookup(doc: ViaDoc) -> Lookup:
    return Lookup(doc.table, _pairs(doc.match), doc.column, _pairs(doc.where), doc.pick)


def _child(doc: ChildDoc) -> Child:
    children = tuple(_child(each) for each in doc.children)
    return Child(doc.table, _pairs(doc.match), children, _pairs(doc.where))


def _pairs(found: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(found.items())


def _soft_delete(doc: str | SoftDeleteDoc | None) -> SoftDelete | None:
    if isinstance(doc, SoftDeleteDoc):
        return SoftDelete(doc.column, doc.deleted)
    return SoftDelete(doc) if doc else None


def _where(doc: CollectionDoc) -> Predicate:
    return all_of(_condition(field, each) for field, each in doc.where.items())


def _condition(field: str, doc: Any) -> Predicate:
    if isinstance(doc, TestDoc):
        parts: list[Predicate] = []
        if doc.not_ is not None:
            parts.append(negate(_equals(field, doc.not_)))
        if doc.missing is not None:
            parts.append(Missing(field) if doc.missing else negate(Missing(field)))
        return all_of(parts)
    return _equals(field, doc)


def _equals(field: str, value: Any) -> Predicate:
    return OneOf(field, tuple(value)) if isinstance(value, list) else Compare(field, "=", value)
