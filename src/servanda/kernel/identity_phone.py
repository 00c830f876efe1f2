"""Telephone numbers: one form (E.164) for each, in whatever notation a product keeps them.

National numbers are taken for the organisation's own country. Two to six digits are an extension
or a short code: they are themselves, and no number of the world. What is no real number anywhere,
but has digits enough, is compared by its digits as they stand: never dropped, never merged.

The steps that take a number out of what stands around it are regular expressions that PostgreSQL,
PCRE and Python read alike, so that the engines follow the same steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

STEPS: tuple[tuple[str, str], ...] = (
    (r"^.*<([^<>]*)>.*$", r"\1"),  # "Jo" <02890180001>
    # sip:201@pbx.test, tel:+44…, ext 201
    (
        r"^ *([sS][iI][pP][sS]?|[tT][eE][lL]|"
        r"[pP][hH][oO][nN][eE]|[cC][aA][lL][lL][tT][oO]|[eE][xX][tT])[.:]* *",
        "",
    ),
    (r"([@;,#]|[xX]|[eE][xX][tT]).*$", ""),  # the host of a SIP address, an extension
)
"""A number without what stands around it; its digits are what is left to compare."""

TAIL = 9  # digits that a number keeps in every notation; shorter ones are compared whole
_SHORTEST, _LONGEST_SHORT, _LONGEST = 2, 6, 20
_STEPS = [(re.compile(pattern), by) for pattern, by in STEPS]
_LETTER = re.compile(r"[^\W\d_]")
_NOT_DIGIT = re.compile(r"[^0-9]")
FOUND = re.compile(r"(?<![0-9A-Za-z])[+]?[0-9(](?:[ ().\u00a0/-]{0,3}[0-9]){6,19}(?![0-9A-Za-z])")
"""A number inside a text. Shorter ones are not looked for there: any amount looks like them."""


def normal(text: str, region: str | None) -> str | None:
    """The number as `+442890180001`; an extension as its digits; None where it is none."""
    rest = _rest(text)
    found = digits(text)
    if _LETTER.search(rest) or not _SHORTEST <= len(found) <= _LONGEST:
        return None
    return _normal(found, rest.lstrip().startswith(("+", "(+")), region)


def is_real(number: str) -> bool:
    """Whether a normal number can be somebody's, by the numbering plan of its country."""
    try:
        return number.startswith("+") and phonenumbers.is_valid_number(phonenumbers.parse(number))
    except NumberParseException:
        return False


def digits(text: str) -> str:
    """The digits of a number, without an extension or what else stands around it."""
    return _NOT_DIGIT.sub("", _rest(text))


def tail(text: str) -> str:
    """What every notation of a number ends in, as far as the engines can tell."""
    return digits(text)[-TAIL:]


def tails(number: str) -> frozenset[str]:
    """`tail` of every notation of a normal number."""
    whole = digits(number)
    if not number.startswith("+"):
        return frozenset({whole[-TAIL:]})
    forms = {whole, f"00{whole}", f"011{whole}"}
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return frozenset(each[-TAIL:] for each in forms)
    national = phonenumbers.national_significant_number(parsed)
    local = _NOT_DIGIT.sub("", phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL))
    code = str(parsed.country_code)
    prefix = phonenumbers.ndd_prefix_for_region(
        phonenumbers.region_code_for_number(parsed) or "ZZ", True
    )
    forms |= {national, local, f"0{national}", f"{prefix or ''}{national}"}
    forms |= {f"{code}{local}", f"{code}0{national}"}
    return frozenset(each[-TAIL:] for each in forms)


def _rest(text: str) -> str:
    text = " ".join(text.splitlines())
    for pattern, by in _STEPS:
        text = pattern.sub(by, text)
    return text


@lru_cache(maxsize=65_536)
def _normal(found: str, plus: bool, region: str | None) -> str:
    possible: str | None = None
    for number in _readings(found, plus, region):
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        if phonenumbers.is_valid_number(number):
            return e164
        reason = phonenumbers.is_possible_number_with_reason(number)
        if possible is None and reason == ValidationResult.IS_POSSIBLE:
            possible = e164
    if len(found) <= _LONGEST_SHORT and not plus:
        return found
    return possible or (f"+{found}" if plus else found)


def _readings(found: str, plus: bool, region: str | None) -> Iterator[PhoneNumber]:
    """What the digits may mean, the likeliest first."""
    if plus:
        yield from _parsed(f"+{found}", None)
        return
    if len(found) <= _LONGEST_SHORT:
        return
    if region is not None:
        yield from _parsed(found, region)
    for prefix in ("00", "011"):
        if found.startswith(prefix):
            yield from _parsed(f"+{found.removeprefix(prefix)}", None)
    valid_abroad = [n for n in _parsed(f"+{found}", None) if phonenumbers.is_valid_number(n)]
    yield from valid_abroad


def _parsed(text: str, region: str | None) -> Iterator[PhoneNumber]:
    try:
        yield phonenumbers.parse(text, region)
    except NumberParseException:
        return
