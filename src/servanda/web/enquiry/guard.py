"""Whether a person wrote it: without cookies, puzzles, or anybody else's service.

Four small hurdles: a field that only programs fill in; a ticket, signed when the form was shown,
that is not good in the first seconds nor after a day nor twice; a limit for each caller; a limit
for all callers together, so that a flood from many addresses ends as well. Callers are counted
under a keyed hash that changes every day, those of one IPv6 network as one. Every place within a
limit is taken by a row of its own, so of many sent at the same moment no more get through.
Tests: tests/web/enquiry/test_form.py.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest

from servanda.web.portal.visit import caller

SOONEST_S, LATEST_S = 3, 24 * 3600
A_CALLER, ALL_CALLERS, WITHIN_S = 5, 200, 3600
TRAP = "website"
"""A field no person sees."""


def ticket() -> str:
    """For a form that is shown now."""
    return _signer().sign(secrets.token_hex(8))


def refusal(request: HttpRequest) -> str:
    """Why this is not taken, in words for a person; blank where it is."""
    if request.POST.get(TRAP, ""):
        return "This was not sent."
    told = request.POST.get("ticket", "")
    try:
        number = _signer().unsign(told, max_age=LATEST_S)
    except signing.BadSignature:
        return "The form was open for too long. Please send it once more."
    if _younger(told, SOONEST_S):
        return "That was very quick. Please wait a moment, and send it once more."
    if not _within(_caller(request), A_CALLER) or not _within("all", ALL_CALLERS):
        return "There were many enquiries from here just now. Please try again in an hour."
    if not cache.add(f"enquiry-ticket-{number}", 1, LATEST_S):
        return "This was sent already."
    return ""


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="servanda enquiry ticket")


def _younger(told: str, seconds: int) -> bool:
    try:
        _signer().unsign(told, max_age=seconds)
    except signing.SignatureExpired:
        return False
    return True


def _within(who: str, most: int) -> bool:
    """Take the next free place of this hour. (`cache.incr` counts twice at once as one, and forgets
    the count after the cache's default five minutes.)"""
    key = f"enquiry-{who}-{int(time.time()) // WITHIN_S}"
    place = int(cache.get(key, 0))  # a hint; `add` alone decides
    while place < most:
        place += 1
        if cache.add(f"{key}-{place}", 1, WITHIN_S):
            cache.set(key, place, WITHIN_S)
            return True
    return False


def _caller(request: HttpRequest) -> str:
    """Today's keyed hash of the address: it tells callers apart, and nobody's address."""
    day = time.strftime("%Y%m%d", time.gmtime())
    key = f"{settings.SECRET_KEY}{day}".encode()
    return hmac.new(key, caller(request).encode(), hashlib.sha256).hexdigest()[:24]
