"""Whether a value already has the erased form that `predicate.Erased` names: the reference.

The rule behind every form: erasing the value again would change nothing. What cannot be read as
the form's kind of value (a word where a number is due) has not been erased; blank text has.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import date, datetime

from servanda.kernel.predicate import Scalar

ENDING = r"\.[A-Za-z0-9]{1,8}"  # of a file's name, which its pseudonym keeps
_PSEUDONYM = re.compile(rf"ps_[0-9a-f]{{32}}(?:{ENDING})?")
_INWARD = re.compile(r"\S\d[A-Za-z]{2}$")  # `BT1 1AA` and `BT11AA` still have their inward part


def is_erased(value: Scalar, form: str) -> bool:
    """True when `value` has the form (see `predicate.Erased`); raises ValueError on other forms."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    match form:
        case "year" | "month" | "decade":
            return _is_start_of(value, form)
        case "ip":
            return _is_network(value)
        case "postcode":
            text = str(value).strip()
            return " " not in text and not _INWARD.search(text)
        case "pseudonym":
            return isinstance(value, str) and _PSEUDONYM.fullmatch(value) is not None
    if form.startswith("number:"):
        return _is_multiple(value, int(form.removeprefix("number:")))
    raise ValueError(f'unknown erased form "{form[:40]}"')


def _is_start_of(value: Scalar, unit: str) -> bool:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return False
    if not isinstance(value, date):  # a datetime is a date too
        return False
    at_midnight = not isinstance(value, datetime) or value.time() == datetime.min.time()
    first_month = unit == "month" or value.month == 1
    first_year = unit != "decade" or value.year % 10 == 0
    return at_midnight and value.day == 1 and first_month and first_year


def _is_network(value: Scalar) -> bool:
    try:
        address = ipaddress.ip_interface(str(value).strip())
    except ValueError:
        return False
    # PostgreSQL's inet writes a single address with its mask, 192.0.2.0/32.
    if address.network.num_addresses != 1:
        return False
    host_bits = 8 if address.version == 4 else 80
    return int(address) % (1 << host_bits) == 0


def _is_multiple(value: Scalar, step: int) -> bool:
    try:
        number = float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        return False
    return number is not None and step > 0 and number % step == 0
