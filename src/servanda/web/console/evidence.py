"""Evidence: look for entries, prove one, take all of it away, verify it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from servanda.desk.roles import May
from servanda.ledger import checkpoint, proofs, search
from servanda.ledger.entries import KINDS
from servanda.ledger.words import says
from servanda.runtime import bundles, hub, jobs
from servanda.runtime.workspace import VKEY
from servanda.web.kit.access import member_of, page
from servanda.web.kit.asked import attachment, day, number
from servanda.web.kit.jobs import fragment

_KINDS = tuple(sorted(KINDS, key=says))
_ABOUT = "evidence"


@page(May.EVIDENCE)
def evidence(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    if (index := number(asked.get("entry", ""))) is not None:
        return redirect("evidence-entry", index)
    found = search.search(**_wanted(request))
    older = ""
    if found.before is not None:
        kept = {key: asked[key] for key in ("kind", "text", "since", "until") if asked.get(key)}
        older = urlencode({**kept, "before": found.before})
    return render(
        request,
        "console/evidence.html",
        {
            "found": found,
            "older": older,
            "kinds": _KINDS,
            "asked": asked,
            "size": proofs.size(),
            "newest": checkpoint.newest(),
            "vkey": hub.workspace().signer.vkey,
            "verified": jobs.latest(_ABOUT, "verify"),
            "bundle": jobs.latest(_ABOUT, "bundle"),
            "verify_progress": reverse("evidence-job", args=["verify"]),
            "bundle_progress": reverse("evidence-job", args=["bundle"]),
        },
    )


def _wanted(request: HttpRequest) -> dict[str, Any]:
    asked, zone = request.GET, hub.workspace().zone
    since, until = day(asked.get("since", "")), day(asked.get("until", ""))
    kind = asked.get("kind", "")
    wanted: dict[str, Any] = {
        "kind": kind if kind in KINDS else "",
        "text": asked.get("text", "").strip()[:100],
        "before": number(asked.get("before", "")),
    }
    if since is not None:
        wanted["since"] = datetime.combine(since, time(), zone).astimezone(UTC)
    if until is not None and until.year < 9999:
        end = datetime.combine(until + timedelta(days=1), time(), zone)
        wanted["until"] = end.astimezone(UTC)
    return wanted


@page(May.EVIDENCE, methods=("POST",))
def verify_now(request: HttpRequest) -> HttpResponse:
    """A job: a ledger of a million entries takes a minute."""
    jobs.ask("verify", {}, about=_ABOUT, by=member_of(request).by)
    return redirect("evidence")


@page(May.EVIDENCE, methods=("POST",))
def make_bundle(request: HttpRequest) -> HttpResponse:
    payload = {"manifests": request.POST.get("manifests") == "yes"}
    jobs.ask("bundle", payload, about=_ABOUT, by=member_of(request).by)
    return redirect("evidence")


@page(May.EVIDENCE)
def job(request: HttpRequest, kind: str) -> HttpResponse:
    found = jobs.latest(_ABOUT, kind) if kind in ("verify", "bundle") else None
    return fragment(request, found, reverse("evidence-job", args=[kind]))


@page(May.EVIDENCE)
def bundle(request: HttpRequest, name: str) -> HttpResponse:
    """The file as it lies on disk, sent a piece at a time."""
    found = bundles.path_of(hub.workspace(), name)
    response = FileResponse(
        found.open("rb"), as_attachment=True, filename=name, content_type="application/zip"
    )
    response["Content-Encoding"] = "identity"  # a zip packed again only costs time
    return response  # type: ignore[return-value]


@page(May.EVIDENCE)
def key(request: HttpRequest) -> HttpResponse:
    return attachment(f"{hub.workspace().signer.vkey}\n", VKEY, "text/plain; charset=utf-8")


urls = [
    path("evidence/", evidence, name="evidence"),
    path("evidence/key/", key, name="evidence-key"),
    path("evidence/verify/", verify_now, name="evidence-verify"),
    path("evidence/bundle/", make_bundle, name="evidence-bundle"),
    path("evidence/bundle/<str:name>/", bundle, name="evidence-bundle-file"),
    path("evidence/job/<str:kind>/", job, name="evidence-job"),
]
