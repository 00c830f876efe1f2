"""Fetch the package, once: a passphrase that is shown once, and one file.

The danger: a person's whole data handed to a stranger, or twice. What guards it: a fresh code
before (`linked`), one claim (`parcels`), and a file that goes from the shelf once it was sent.
A transfer that breaks off does not count, nor one whose server was killed in the midst of it.
Tests: tests/web/portal/test_package.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path

from servanda.desk.portal import opening, parcels
from servanda.desk.requests import RequestView
from servanda.kernel.errors import UsageError
from servanda.runtime import hub
from servanda.state.models import PortalLink
from servanda.web.portal.follow import linked, secret_of
from servanda.web.portal.visit import visit_of

_PIECE = 64 << 10


@linked(needs_code=True)
def package(request: HttpRequest, link: PortalLink, view: RequestView) -> HttpResponseBase:
    book = hub.workspace().desk.book
    standing, when = parcels.standing(view.ref)
    file = _file(view.ref) if standing is parcels.Standing.READY else None
    if standing is parcels.Standing.READY and file is None:
        standing = parcels.Standing.EXPIRED
    context = {"view": view, "secret": secret_of(request), "standing": standing, "when": when}
    if request.method == "POST" and file is not None:
        try:
            if "show" in request.POST:
                context["passphrase"] = parcels.show(book, view.ref)
                context["shown"] = True
                return render(request, "portal/package.html", context)
            if "fetch" in request.POST:
                claim = parcels.claim(book, view.ref)
                return _sent(request, link, claim, file)
        except parcels.Busy:
            context["busy"] = True
        except UsageError:
            context["standing"] = parcels.standing(view.ref)[0]
    context["shown"] = parcels.shown(view.ref)
    return render(request, "portal/package.html", context)


def _file(ref: str) -> Path | None:
    """On the shelf, and nowhere else: a name in a row leads to no other file."""
    name = parcels.file(ref)
    there = hub.workspace().packages.packages()
    return next((each.path for each in there if each.path.name == name), None)


def _sent(
    request: HttpRequest, link: PortalLink, claim: parcels.Claim, file: Path
) -> HttpResponseBase:
    visit = visit_of(request)
    known = dict(visit.data.get("verified", {}))
    known.pop(str(link.id), None)  # the next one asks again
    visit.put("verified", known)
    response = StreamingHttpResponse(_Pieces(claim, file), content_type="application/zip")
    response["Content-Length"] = str(file.stat().st_size)
    response["Content-Disposition"] = f'attachment; filename="my-data-{claim.ref}.zip"'
    response["Content-Encoding"] = "identity"  # it is packed already
    return response


class _Pieces:
    """The file, piece by piece. `close` comes whatever happens, also where nothing was read."""

    def __init__(self, claim: parcels.Claim, file: Path) -> None:
        self._claim, self._file = claim, file.open("rb")
        self._whole = False

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._file.read(_PIECE):
            self._claim.goes_on()
            yield piece
        self._whole = True

    def close(self) -> None:
        self._file.close()
        workspace = hub.workspace()
        if not self._whole:
            self._claim.cut()
        elif self._claim.done(workspace.desk.book, by=opening.BY):
            workspace.packages.withdraw(self._claim.ref)


urls = [path("follow/<str:secret>/package/", package, name="portal-package")]
