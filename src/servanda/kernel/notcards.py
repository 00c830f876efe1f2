"""What looks like the number of a card and is none: account numbers, dates, identifiers, fractions.

Each rule is narrow, so that no card is missed because of it: an IBAN counts only with its own check
digits, a date only alone, an identifier only in its whole form. Tests: tests/kernel/test_cards.py.
"""

from __future__ import annotations

import re

_UUID = r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
_HEX = r"(?<![0-9A-Za-z])(?=[0-9]{0,40}[a-f])[0-9a-f]{32,128}(?![0-9A-Za-z])"
_DATE = (
    r"(?<![\w.-])(?:(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|[12]\d|3[01])([.-])(?:0[1-9]|1[0-2])\1(?:19|20)\d\d)(?![\w-]|\.\d)"
)
_NONE = re.compile(f"{_UUID}|{_HEX}|{_DATE}")
_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,3})?")
_COUNTRIES = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 "
    "EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 "
    "IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 "
    "NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 "
    "TN24 TR26 UA29 VA22 VG24 XK20"
)
_IBAN_LENGTHS = {each[:2]: int(each[2:]) for each in _COUNTRIES.split()}
_TRACKING = re.compile(r"2[2-7](?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])00\d{8}")


def blanked(text: str) -> str:
    """The text, as long as before, with these replaced by what no number goes across."""
    return _IBAN.sub(_account, _NONE.sub(_gone, text))


def article(digits: str) -> bool:
    """Whether this is a number of goods (EAN-13). The only cards of 13 digits are old ones."""
    if len(digits) != 13:
        return False
    weighted = sum(int(each) * (3 if at % 2 else 1) for at, each in enumerate(digits))
    return weighted % 10 == 0


def tracking(digits: str) -> bool:
    """Whether this is a number that a support desk gives a case: 16 digits that begin with the
    day, two noughts after it. The way of a large vendor that an MSP's mails are full of."""
    return _TRACKING.fullmatch(digits) is not None


def fraction(before: str, gap: str, digits: str) -> bool:
    """Whether `digits` stand after the point of a decimal number whose whole part is `before`."""
    return gap == "." and 0 < len(before) <= 3 and len(digits) > 4


def _gone(match: re.Match[str]) -> str:
    return "x" * len(match[0])


def _account(match: re.Match[str]) -> str:
    """Only where it is one: the right length for its country, and the right check digits."""
    wanted = _IBAN_LENGTHS.get(match[0][:2], 0)
    taken, end = [], 0
    for at, sign in enumerate(match[0]):
        if sign != " ":
            taken.append(sign)
            if len(taken) == wanted:
                end = at + 1
                break
    if not end or not _sound("".join(taken)):
        return match[0]
    return "x" * end + match[0][end:]


def _sound(account: str) -> bool:
    turned = account[4:] + account[:4]
    return int("".join(str(int(each, 36)) for each in turned)) % 97 == 1
