"""Every address. Faces list their own; a view says itself who may see it."""

from __future__ import annotations

from django.urls import include, path

from servanda.web.api import door, may, send_list
from servanda.web.consent.banner import serving
from servanda.web.kit import health, purpose

urlpatterns = [
    path("v1/may", may.may, name="may"),  # first: it is asked for every mail that goes out
    path("", health.home, name="home"),
    path("healthz", health.health, name="health"),
    path("accounts/", include("servanda.web.accounts.urls")),
    path("console/purpose/", purpose.ask, name="purpose"),
    path("console/", include("servanda.web.console.urls")),
    path("privacy/", include("servanda.web.portal.urls")),
    path("enquiry/", include("servanda.web.enquiry.urls")),
    path("consent/", include("servanda.web.consent.urls")),
    path(".well-known/gpc.json", serving.gpc, name="gpc"),
    path("v1/send-list", send_list.send_list, name="send-list"),
    path("v1/<path:rest>", door.call, name="api"),
]

handler403 = "servanda.web.kit.pages.not_allowed"
handler404 = "servanda.web.kit.pages.not_found"
handler500 = "servanda.web.kit.pages.broken"
handler429 = "servanda.web.kit.pages.too_many"
