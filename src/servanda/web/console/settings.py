"""Settings: policy and stores as they stand, edited in the page, every version kept.

What is saved and why not is `runtime.editing`; where stores may lie, `runtime.storeguard`.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk import versions
from servanda.desk.roles import May, may
from servanda.kernel.digest import sha256_hex
from servanda.kernel.errors import CheckFailed, UsageError
from servanda.runtime import editing, hub, safety, shownsettings
from servanda.runtime.addresses import masked
from servanda.runtime.editing import Draft
from servanda.web.console.lines import excerpts, numbered
from servanda.web.kit import asked
from servanda.web.kit.access import member_of, page
from servanda.web.kit.names import table

_PAGE = 50


@page(May.SETTINGS)
def settings(request: HttpRequest) -> HttpResponse:
    newest = [(file, versions.newest(file)) for file in versions.FILES]
    return render(
        request,
        "console/settings.html",
        {
            "files": newest,
            "names": table(each.by for _, each in newest if each),
            "unsafe": safety.problems(hub.workspace()),
            "toml": shownsettings.shown(hub.workspace().folder),
            "may_edit": _may_edit(request),
        },
    )


@page(May.SETTINGS)
def file(request: HttpRequest, file: str) -> HttpResponse:
    """The file as it is, with what the checker says beside its lines."""
    workspace = hub.workspace()
    there = editing.present(workspace, _known(file))
    draft = editing.check(workspace, file, there.text)
    return render(
        request,
        "console/settings_file.html",
        {
            "file": file,
            "lines": numbered(masked(there.text), draft.findings, file),
            "findings": draft.findings,
            "digest": there.digest,
            "may_edit": _may_edit(request),
        },
    )


@page(May.EDIT_SETTINGS, methods=("GET", "POST"))
def edit(request: HttpRequest, file: str) -> HttpResponse:
    """Write, compare, save. Nothing is saved that was not compared first."""
    workspace = hub.workspace()
    there = editing.present(workspace, _known(file))
    if request.method != "POST":
        text = there.text
        if request.GET.get("from"):
            text = (versions.get(file, request.GET["from"]).content or b"").decode()
        return _form(request, file, text, there.digest)
    told = request.POST
    text, base, note = told.get("text", ""), told.get("base", ""), told.get("note", "")
    draft = editing.check(workspace, file, text)
    if told.get("do") == "save":
        if told.get("compared") != sha256_hex(draft.text.encode()):
            messages.info(request, "The text was changed after it was compared. Look again.")
        else:
            try:
                by = member_of(request).by
                editing.save(workspace, file, text, base=base, by=by, note=note)
                messages.success(request, f"{file} is saved and in force as a new version.")
                return redirect("settings")
            except (UsageError, CheckFailed) as error:
                messages.error(request, str(error))
    elif base != draft.present.digest:
        messages.warning(
            request,
            f"{file} was changed by somebody else while you wrote. "
            "The comparison is with what is there now.",
        )
    return _form(request, file, draft.text, draft.present.digest, draft, note)


def _form(
    request: HttpRequest,
    file: str,
    text: str,
    base: str,
    draft: Draft | None = None,
    note: str = "",
) -> HttpResponse:
    shown: dict[str, Any] = {"file": file, "text": text, "base": base, "draft": draft, "note": note}
    if draft is not None:
        shown["compared"] = sha256_hex(draft.text.encode())
        shown["excerpts"] = excerpts(draft.text, draft.findings, file)
        shown["elsewhere"] = [e for e in draft.findings if not e.file.endswith(file)]
    return render(request, "console/settings_edit.html", shown)


@page(May.SETTINGS)
def history(request: HttpRequest, file: str) -> HttpResponse:
    before = request.GET.get("before", "")
    listed = versions.listed(_known(file), before=asked.number(before), limit=_PAGE)
    return render(
        request,
        "console/settings_versions.html",
        {
            "file": file,
            "versions": listed,
            "names": table(each.by for each in listed),
            "older": listed[-1].id if len(listed) == _PAGE else None,
        },
    )


@page(May.SETTINGS)
def version(request: HttpRequest, file: str, digest: str) -> HttpResponse:
    try:
        found = versions.get(_known(file), digest)
    except UsageError:
        raise Http404 from None
    there = editing.present(hub.workspace(), file)
    text = (found.content or b"").decode()
    return render(
        request,
        "console/settings_version.html",
        {
            "file": file,
            "version": found,
            "names": table([found.by]),
            "lines": numbered(text, (), file),
            "diff": editing.difference(text, masked(there.text), file),
            "may_edit": _may_edit(request),
        },
    )


def _known(file: str) -> str:
    if file not in versions.FILES:
        raise Http404
    return file


def _may_edit(request: HttpRequest) -> bool:
    return may(member_of(request).role, May.EDIT_SETTINGS)


urls = [
    path("settings/", settings, name="settings"),
    path("settings/<str:file>/", file, name="settings-file"),
    path("settings/<str:file>/edit/", edit, name="settings-edit"),
    path("settings/<str:file>/versions/", history, name="settings-versions"),
    path("settings/<str:file>/versions/<str:digest>/", version, name="settings-version"),
]
