"""Where a request stands, in words for the person whose it is."""

from __future__ import annotations

from django.utils.translation import gettext as _

from servanda.desk.requests import RequestView


def now(view: RequestView) -> str:
    """One sentence."""
    match view.state:
        case "waiting":
            return {
                "identity": _("We are waiting for you: we asked who you are."),
                "scope": _("We are waiting for you: we asked what exactly you mean."),
                "fee": _("We are waiting for you: we asked for a fee."),
            }.get(view.waiting_for, _("We are waiting for you."))
        case "received":
            return _("We have it.") if view.verified else _("We have it, and must see who you are.")
        case "verified":
            return _("We have it, and we know that it is you.")
        case "decided" | "acting":
            return _("It is decided, and being carried out.")
        case "acted" | "refused":
            return _("It is decided. We are writing our answer.")
        case "routed":
            return _("The data belongs to a customer of ours. We passed your request on to them.")
        case "cancelled":
            return _("You took it back.")
    return _("We have answered it.")


def following(view: RequestView) -> str:
    """What comes next; blank where nothing does."""
    if view.state == "waiting":
        return _("As soon as you have answered, we go on.")
    if view.state == "received" and not view.verified:
        return _(
            "Somebody of us gets in touch to make sure that it is you. You need not wait here."
        )
    if view.state in ("received", "verified"):
        return _("Somebody of us reads it, and decides what the law and our policy say to it.")
    if view.state in ("decided", "acting", "acted", "refused"):
        return _("Our answer says what was done, what we kept, and why.")
    if view.state == "routed":
        return _("They answer you. If they do not, write to us.")
    return ""
