"""Addresses of the enquiry form, and of its page in the console."""

from __future__ import annotations

from django.urls import path

from servanda.web.enquiry import form

urlpatterns = [
    path("", form.page, name="enquiry"),
    path("embed/", form.embedded, name="enquiry-embed"),
    path("ticket/", form.ticket, name="enquiry-ticket"),
    path("done/", form.done, name="enquiry-done"),
]
