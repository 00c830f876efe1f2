"""Mail a code and take it back: the same page wherever somebody has to show who they are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from servanda.desk.portal import codes, post
from servanda.runtime import hub
from servanda.web.portal import letters
from servanda.web.portal.visit import caller


def mail(request: HttpRequest, about: str, to: str) -> str:
    """Mail a code; what went wrong, in words, or nothing."""
    book = hub.workspace().desk.book
    try:
        code = codes.make(book, about, to, caller(request))
    except codes.TooMany:
        return _(
            "Enough codes were mailed to you within an hour. Look into your mailbox, also among "
            "unwanted mail, or come back in an hour."
        )
    post.send(book, to, *letters.code(code))
    return ""


def entered(request: HttpRequest, about: str, to: str) -> str:
    """Check the code in the form, mailed to `to`; what went wrong, in words, or nothing."""
    try:
        codes.check(hub.workspace().desk.book, about, to, request.POST.get("code", "")[:40])
    except codes.WrongCode as error:
        if not error.left:
            return _("No code is open any more. Let us mail you a new one.")
        return _("That is not the code. You may try %(n)d times more.") % {"n": error.left}
    return ""


def page(
    request: HttpRequest, *, problem: str = "", sent: bool = True, back: str = "", to: str = ""
) -> HttpResponse:
    """`to`: shown only to whoever has just typed it."""
    return render(
        request,
        "portal/code.html",
        {"problem": problem, "sent": sent, "back": back, "to": to},
        status=400 if problem else 200,
    )
