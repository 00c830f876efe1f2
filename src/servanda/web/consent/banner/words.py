"""The banner's texts. Their translations lie in the catalogue of the public pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

CATEGORIES: Mapping[str, tuple[Promise | str, Promise | str]] = {
    "necessary": (
        lazy("Necessary"),
        lazy("The site does not work without these, so they are always on."),
    ),
    "functional": (
        lazy("Functional"),
        lazy("They remember what you set, and show content from elsewhere."),
    ),
    "performance": (
        lazy("Performance"),
        lazy("They tell us whether pages are fast, and where something fails."),
    ),
    "analytics": (
        lazy("Analytics"),
        lazy("They count visits, and show us which pages are read."),
    ),
    "advertising": (
        lazy("Advertising"),
        lazy("They choose advertisements by what you look at, here and elsewhere."),
    ),
}


def said(organisation: str, parties: Sequence[str], most: int) -> dict[str, str]:
    """Everything but the categories."""
    return {
        "title": _("Your privacy"),
        "says": _says(organisation, parties, most),
        "explains": _(
            "Choose what you allow. Nothing optional runs before you say yes, and you can change "
            "your mind here at any time."
        ),
        "accept": _("Accept all"),
        "decline": _("Decline all"),
        "choose": _("Choose"),
        "save": _("Save my choice"),
        "close": _("Close"),
        "control": _("Privacy choices"),
        "saved": _("Your choice is saved."),
        "withdrawn": _(
            "Switched off, and its cookies on this site are removed. What already ran on this page "
            "ends for good when you load it again."
        ),
        "reload": _("Load again"),
        "gpc": _(
            "Your browser sends Global Privacy Control. We honour it: everything optional is off. "
            "You can still choose otherwise."
        ),
        "gpc_short": _("Global Privacy Control honoured"),
        "blocked": _("This comes from another site and waits for your consent to: {categories}."),
        "allow": _("Allow and show it"),
        "policy": _("Privacy policy"),
        "preferences": _("All preferences"),
        "receipt": _("Receipt of your choice"),
    }


def _says(organisation: str, parties: Sequence[str], most: int) -> str:
    named = {
        "organisation": organisation,
        "parties": ", ".join(parties[:most]),
        "more": len(parties) - most,
    }
    if not parties:
        return (
            _("%(organisation)s would like to keep optional cookies on your device. You decide.")
            % named
        )
    if len(parties) > most:
        return (
            _(
                "%(organisation)s, %(parties)s and %(more)d others would like to keep optional "
                "cookies on your device. You decide."
            )
            % named
        )
    return (
        _(
            "%(organisation)s and these third parties would like to keep optional cookies on your "
            "device: %(parties)s. You decide."
        )
        % named
    )
