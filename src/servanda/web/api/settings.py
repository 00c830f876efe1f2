"""Settings: policy.yaml and stores.yaml as they stand, every version of them, a draft checked, and
a new version saved on top of the very one that the caller saw."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from servanda.desk import versions
from servanda.kernel.errors import UsageError
from servanda.runtime import editing, hub
from servanda.web.api.auth import by, scope
from servanda.web.api.once import once_apart
from servanda.web.api.schemas import WRONG, In, InTheWay, Limit, Line, Place

router = Router(tags=["settings"])


class VersionOut(Schema):
    """`entry`: its place in the ledger."""

    id: int
    file: str
    digest: str
    by: str
    at: datetime
    note: str
    entry: int | None


class VersionTextOut(VersionOut):
    text: str


class FindingOut(Schema):
    file: str
    line: int
    column: int
    severity: str
    code: str
    message: str
    remedy: str


class FileOut(Schema):
    """As it is now. Saving wants `digest` as `base`."""

    file: str
    digest: str
    text: str
    findings: list[FindingOut]


class CheckedOut(Schema):
    """`diff`: against what is there. `sound`: it could be saved."""

    sound: bool
    digest: str
    findings: list[FindingOut]
    diff: list[str]


class DraftIn(In):
    text: Annotated[str, Field(max_length=1_000_000)]


class SaveIn(DraftIn):
    """`base`: the digest of the file on top of which it was written."""

    base: Line
    note: Line = ""


@router.get("/settings/{str:file}", auth=scope("settings"), response={200: FileOut, **WRONG})
def present(request: HttpRequest, file: str) -> Any:
    """policy.yaml or stores.yaml, and what the checker says of it."""
    workspace = hub.workspace()
    there = editing.present(workspace, _known(file))
    draft = editing.check(workspace, file, there.text)
    return {
        "file": file,
        "digest": there.digest,
        "text": there.text,
        "findings": draft.findings,
    }


@router.post(
    "/settings/{str:file}/check", auth=scope("edit_settings"), response={200: CheckedOut, **WRONG}
)
def check(request: HttpRequest, file: str, told: DraftIn) -> Any:
    """What would be wrong with a text. Nothing is written."""
    draft = editing.check(hub.workspace(), _known(file), told.text)
    return {
        "sound": draft.sound,
        "digest": draft.present.digest,
        "findings": draft.findings,
        "diff": draft.diff,
    }


@router.get(
    "/settings/{str:file}/versions",
    auth=scope("settings"),
    response={200: list[VersionOut], **WRONG},
)
def listed(request: HttpRequest, file: str, before: Place = None, limit: Limit = 50) -> Any:
    """The newest first; `before`: older than the one with that id."""
    return versions.listed(_known(file), before=before, limit=limit)


@router.get(
    "/settings/{str:file}/versions/{slug:digest}",
    auth=scope("settings"),
    response={200: VersionTextOut, **WRONG},
)
def version(request: HttpRequest, file: str, digest: str) -> Any:
    """One with its text."""
    try:
        found = versions.get(_known(file), digest)
    except UsageError:
        raise Http404("There is no such version.") from None
    known = {name: getattr(found, name) for name in VersionOut.model_fields}
    return {**known, "text": (found.content or b"").decode()}


@router.post(
    "/settings/{str:file}", auth=scope("edit_settings"), response={201: VersionOut, **WRONG}
)
@once_apart
def save(request: HttpRequest, file: str, told: SaveIn) -> Any:
    """In force as a new version. 409 where the file was changed by somebody else meanwhile."""
    workspace = hub.workspace()
    there = editing.present(workspace, _known(file))
    if there.digest != told.base:
        raise InTheWay(
            UsageError(f"{file} is not what you wrote on top of", "read it again, and compare")
        )
    made = editing.save(workspace, file, told.text, base=told.base, by=by(request), note=told.note)
    return Status(201, VersionOut.from_orm(made))


def _known(file: str) -> str:
    if file not in versions.FILES:
        raise Http404("There is no such file: policy.yaml and stores.yaml.")
    return file
