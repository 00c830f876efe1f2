"""Evidence: look for entries, prove one, take all of it away, verify it, and the public key."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status

from servanda.kernel.errors import UsageError
from servanda.ledger import history, proofs, proving, search
from servanda.ledger.entries import Entry
from servanda.runtime import bundles, hub, jobs
from servanda.web.api.answers import download
from servanda.web.api.auth import by, scope
from servanda.web.api.once import once
from servanda.web.api.schemas import (
    WRONG,
    Asked,
    In,
    JobOut,
    Limit,
    Number,
    Place,
    file_of,
    standing_in_the_way,
    with_offset,
)

router = Router(tags=["evidence"])
_ABOUT = "evidence"


class EntryOut(Schema):
    index: int
    kind: str
    at: datetime
    data: dict[str, Any]


class FoundOut(Schema):
    """`before`: go on from there for more, null at the end."""

    entries: list[EntryOut]
    before: int | None
    size: int


class EntryDetailOut(EntryOut):
    """`raw`: the very text that is in the ledger. `leaf`: its hash in the tree, in hex."""

    raw: str
    leaf: str


class CheckpointOut(Schema):
    size: int
    root: str
    at: datetime


class KeyOut(Schema):
    """`vkey`: with which anybody checks what we signed."""

    vkey: str


class BundleIn(In):
    """`manifests`: with the sealed lists of what was erased."""

    manifests: bool = False


def _entry(found: Entry) -> dict[str, Any]:
    return {"index": found.index, "kind": found.kind, "at": found.at, "data": dict(found.data)}


@router.get("/evidence", auth=scope("evidence"), response={200: FoundOut, **WRONG})
def entries(
    request: HttpRequest,
    kind: Asked = "",
    text: Annotated[str, Query(max_length=100)] = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: Place = None,
    limit: Limit = 50,
) -> Any:
    """Entries of the ledger, the newest first: of a kind, of a time, holding a text."""
    found = search.search(
        kind=kind,
        text=text,
        since=with_offset(since) if since else None,
        until=with_offset(until) if until else None,
        before=before,
        limit=limit,
    )
    told = [_entry(each) for each in found.entries]
    return {"entries": told, "before": found.before, "size": proofs.size()}


@router.get("/evidence/key", auth=scope("evidence"), response={200: KeyOut, **WRONG})
def key(request: HttpRequest) -> Any:
    """The public key."""
    return {"vkey": hub.workspace().signer.vkey}


@router.get(
    "/evidence/checkpoints", auth=scope("evidence"), response={200: list[CheckpointOut], **WRONG}
)
def checkpoints(request: HttpRequest, before: Place = None, limit: Limit = 50) -> Any:
    """Signed statements of the whole, the newest first."""
    found = proving.checkpoints(before, limit)
    return [{"size": e.size, "root": bytes(e.root).hex(), "at": e.at} for e in found]


@router.get(
    "/evidence/checkpoints/{int:size}",
    auth=scope("evidence"),
    response=WRONG,
    openapi_extra=file_of("text/plain"),
)
def note(request: HttpRequest, size: Number) -> Any:
    """The signed text itself: `servanda verify --since` takes it."""
    try:
        found = proving.of_size(size)
    except UsageError:
        raise Http404("There is no checkpoint of that size.") from None
    return HttpResponse(found.note, content_type="text/plain; charset=utf-8")


@router.get(
    "/evidence/consistency/{int:old}/{int:new}",
    auth=scope("evidence"),
    response=WRONG,
    openapi_extra=file_of(),
)
def consistency(request: HttpRequest, old: Number, new: Number) -> Any:
    """The proof that nothing was changed between two checkpoints."""
    for size in (old, new):
        note(request, size)  # 404 where there is none
    return _file(proving.consistency(old, new).file(), f"consistency-{old}-{new}.json")


@router.get(
    "/evidence/entries/{int:index}",
    auth=scope("evidence"),
    response={200: EntryDetailOut, **WRONG},
)
def entry(request: HttpRequest, index: Number) -> Any:
    """One entry as it stands in the ledger."""
    found = _there(index)
    return {**_entry(found), "raw": found.raw.decode(), "leaf": proving.leaf(found)}


@router.get(
    "/evidence/entries/{int:index}/proof",
    auth=scope("evidence"),
    response=WRONG,
    openapi_extra=file_of(),
)
def proof(request: HttpRequest, index: Number) -> Any:
    """That the entry is in the ledger, under the newest checkpoint."""
    _there(index)
    with standing_in_the_way():
        found = proving.inclusion(index)
        if found is None:
            raise UsageError(
                "no signed checkpoint speaks of this entry yet", "the next sweep signs one"
            )
    return _file(found.file(), f"proof-{index}.json")


@router.post("/evidence/verify", auth=scope("evidence"), response={202: JobOut, **WRONG})
@once
def verify(request: HttpRequest) -> Any:
    """Go through the whole ledger as the stand-alone verifier does; the job tells."""
    job = jobs.ask("verify", {}, about=_ABOUT, by=by(request))
    return Status(202, JobOut.from_orm(job))


@router.get("/evidence/verify", auth=scope("evidence"), response={200: JobOut, **WRONG})
def verified(request: HttpRequest) -> Any:
    """The newest such job."""
    return _latest("verify")


@router.post("/evidence/bundle", auth=scope("evidence"), response={202: JobOut, **WRONG})
@once
def make_bundle(request: HttpRequest, told: BundleIn | None = None) -> Any:
    """Everything as one file; the job tells its name."""
    payload = {"manifests": bool(told and told.manifests)}
    job = jobs.ask("bundle", payload, about=_ABOUT, by=by(request))
    return Status(202, JobOut.from_orm(job))


@router.get("/evidence/bundle", auth=scope("evidence"), response={200: JobOut, **WRONG})
def bundled(request: HttpRequest) -> Any:
    """The newest such job."""
    return _latest("bundle")


@router.get(
    "/evidence/bundle/{str:name}",
    auth=scope("evidence"),
    response=WRONG,
    openapi_extra=file_of(),
)
def bundle(request: HttpRequest, name: str) -> Any:
    """The file, for a day."""
    try:
        found = bundles.path_of(hub.workspace(), name)
    except UsageError:
        raise Http404("This bundle is no longer there.") from None
    return download(request, found)


def _latest(kind: str) -> Any:
    found = jobs.latest(_ABOUT, kind)
    if found is None:
        raise Http404("Nobody asked for it yet.")
    return found


def _there(index: int) -> Entry:
    if index >= proofs.size():
        raise Http404("There is no such entry.")
    return history.at(index)


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
