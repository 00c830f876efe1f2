"""The banner: its tag to copy, how it looks, and whether the sites carry it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from servanda.desk.roles import May, may
from servanda.law.asking import asking
from servanda.runtime import hub, jobs, sites
from servanda.runtime.sites.tag import snippet
from servanda.web.consent.banner import config
from servanda.web.consent.banner.edition import shown
from servanda.web.kit.access import member_of, page
from servanda.web.kit.jobs import fragment

_GATED = (
    '<script type="text/plain" data-consent="analytics" data-src="https://stats.example/tag.js">'
    "</script>\n"
    '<iframe title="Film" data-consent="functional" data-src="https://films.example/embed/1">'
    "</iframe>\n"
    '<img alt="" data-consent="advertising" data-src="https://ads.example/pixel.gif">\n'
    '<a href="#" data-consent-open>Privacy choices</a>'
)


@page(May.SETTINGS)
def banner(request: HttpRequest) -> HttpResponse:
    workspace = hub.workspace()
    policy = workspace.policy
    rules = config.rules(policy, shown(policy, config.now()), config.now())
    return render(
        request,
        "console/banner.html",
        {
            "tag": snippet(settings.SERVANDA_ADDRESS),
            "gated": _GATED,
            "rules": rules,
            "categories": list(rules["categories"].items()),
            "opt_out": asking(policy.country) == "opt_out",
            "declared": policy.banner is not None,
            "sites": [_site(name, told) for name, told in sites.latest(workspace).items()],
            "job": jobs.latest(sites.ABOUT, "sites"),
            "progress": reverse("banner-looking"),
            "may_look": may(member_of(request).role, May.EDIT_SETTINGS),
        },
    )


@page(May.SETTINGS)
def preview(request: HttpRequest) -> HttpResponse:
    """The banner itself, on a page of ours; nothing of it is kept or recorded."""
    languages = [("en", "English"), ("es", "Español")]
    asked = request.GET.get("lang", "en")
    language = asked if asked in config.LANGUAGES else "en"
    return render(
        request, "console/banner_preview.html", {"language": language, "languages": languages}
    )


@page(May.EDIT_SETTINGS, methods=("POST",))
def look_now(request: HttpRequest) -> HttpResponse:
    jobs.ask("sites", {}, about=sites.ABOUT, by=member_of(request).by)
    return redirect("banner")


@page(May.SETTINGS)
def looking(request: HttpRequest) -> HttpResponse:
    return fragment(request, jobs.latest(sites.ABOUT, "sites"), reverse("banner-looking"))


def _site(name: str, told: dict[str, Any]) -> dict[str, Any]:
    at = told.get("at")
    return {
        "name": name,
        **told,
        "at": datetime.fromisoformat(at) if at else None,
        "fine": told["reached"] and told["tag"] and not told["ungated"],
        "late": told["tag"] and not told.get("first"),
    }


urls = [
    path("banner/", banner, name="banner"),
    path("banner/preview/", preview, name="banner-preview"),
    path("banner/look/", looking, name="banner-looking"),
    path("banner/look/now/", look_now, name="banner-look-now"),
]
