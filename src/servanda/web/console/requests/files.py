"""Files of an answer, as downloads: by their names alone, never by a path."""

from __future__ import annotations

from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.urls import path

from servanda.desk.roles import May
from servanda.kernel.errors import UsageError
from servanda.runtime import hub, replies
from servanda.web.console.requests.parts import found
from servanda.web.kit.access import looked, page

_TYPES = {
    ".txt": "text/plain; charset=utf-8",
    ".pdf": "application/pdf",
    ".json": "application/json",
    ".zip": "application/zip",
}


@page(May.REQUEST, scope="request:{ref}")
def file(request: HttpRequest, ref: int, name: str) -> HttpResponseBase:
    view = found(ref)
    try:
        there = replies.file(hub.workspace(), view.ref, name)
    except UsageError:
        raise Http404 from None
    looked(request, "file of an answer downloaded")
    return _download(request, there)


@page(May.REQUEST, scope="request:{ref}")
def package(request: HttpRequest, ref: int) -> HttpResponseBase:
    """The newest package on the shelf, encrypted as it lies there."""
    view = found(ref)
    shelf = [each for each in hub.workspace().packages.packages() if each.ref == view.ref]
    if not shelf:
        raise Http404
    looked(request, "package downloaded")
    return _download(request, shelf[-1].path)


def _download(request: HttpRequest, there: Path) -> HttpResponseBase:
    request.META.pop("HTTP_ACCEPT_ENCODING", None)  # it is small, or packed already
    return FileResponse(
        there.open("rb"),
        as_attachment=True,
        filename=there.name,
        content_type=_TYPES.get(there.suffix, "application/octet-stream"),
    )


urls = [
    path("requests/<int:ref>/package/", package, name="request_package"),
    path("requests/<int:ref>/files/<str:name>", file, name="request_file"),
]
