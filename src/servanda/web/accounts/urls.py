"""Addresses of accounts that are ours; the others are django-allauth's."""

from __future__ import annotations

from django.urls import path

from servanda.web.accounts import join, setup

urlpatterns = [
    path("join/<str:secret>/", join.join, name="join"),
    path("second-factor/", setup.setup, name="second_factor_setup"),
]
