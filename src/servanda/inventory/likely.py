"""Which column names suggest personal data. Names only: no value is ever read for this.

A guess sorts the list a person has to go through; it never declares anything.
"""

from __future__ import annotations

import re

_HINTS: tuple[tuple[str, str], ...] = (
    ("contact.email", r"e_?mail|mail_?(addr|from|to)"),
    ("contact.phone", r"phone|mobile|telephone|fax|msisdn|caller|callee|cnum|clid|sms_?number"),
    ("device.ip", r"ip|ip_?v?[46]?|ip_?addr(ess)?|remote_?(ip|addr|host)|client_?ip"),
    ("device.mac", r"mac|mac_?addr(ess)?"),
    ("device.user_agent", r"user_?agent|agent|browser"),
    ("account.password", r"pass(word|wd)?(_?hash)?|secret|pin|otp"),
    ("account.username", r"user_?name|login|nick_?name|user_?login|handle"),
    ("contact.postal", r"address|addr|street|city|town|post_?code|zip|zip_?code|county"),
    ("location", r"lat(itude)?|lon(gitude)?|lng|geo|location"),
    ("pay.bank", r"iban|bic|sort_?code|account_?n(o|umber)|bank"),
    ("pay.card_number", r"card|card_?n(o|umber)|pan|cvv|cvc"),
    ("official_id", r"ssn|nino|passport|national_?id|tax_?id|trn|kra_?pin|licen[cs]e_?n(o|umber)"),
    ("name", r"name|first_?name|last_?name|sur_?name|full_?name|forename|contact|author|sender"),
    ("birth", r"dob|birth_?(day|date)?|date_?of_?birth|gender|sex"),
    ("comms", r"message|body|content|comment|note|notes|subject|transcript"),
    ("comms.call_recording", r"recording|recording_?file"),
)
# A hint is a whole word of the name: `ip` in `client_ip`, not in `description`.
_PATTERNS = tuple(
    (category, re.compile(rf"(?:^|_)(?:{words})(?:_|\d|$)")) for category, words in _HINTS
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def looks_like(column: str) -> str:
    """The category a column's name suggests, or blank."""
    name = re.sub(r"[^a-z0-9]+", "_", _HUMP.sub("_", column).lower())
    return next((category for category, pattern in _PATTERNS if pattern.search(name)), "")
