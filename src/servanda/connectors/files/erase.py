"""The erased form of a text in a log line. Erasing twice gives the same; see `kernel.erased`."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
import re
from datetime import datetime
from typing import assert_never

from servanda.kernel.erased import ENDING, is_erased
from servanda.kernel.errors import StoreRefused
from servanda.stores.mapping import Erasure, Generalise, Pseudonym, SetNull, SetText


def erased(text: str, how: Erasure, key: bytes) -> str:
    """What stands there afterwards. What cannot be generalised becomes blank: it must not stay."""
    match how:
        case SetNull():
            return ""
        case SetText(fixed):
            return fixed
        case Pseudonym(ending):
            if not key:
                raise StoreRefused(
                    "there is no key to make pseudonyms with", "this is an error in Servanda"
                )
            if not text or is_erased(text, "pseudonym"):
                return text
            made = "ps_" + hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]
            kept = re.search(rf"{ENDING}\Z", text) if ending else None
            return made + kept[0] if kept else made
        case Generalise(to, step):
            form = f"number:{step}" if to == "number" else to
            if not text or is_erased(text, form):
                return text
            try:
                return _generalised(text, to, step)
            except ValueError:
                return ""
        case _:
            assert_never(how)


def _generalised(text: str, to: str, step: int) -> str:
    match to:
        case "ip":
            address = ipaddress.ip_address(text.strip())
            bits = 24 if address.version == 4 else 48
            return str(ipaddress.ip_network((address, bits), strict=False).network_address)
        case "number":
            return str(math.floor(float(text) / step) * step)
        case "postcode":
            return re.sub(r"\s*\S[A-Za-z]{2}$", "", text.strip())
        case _:
            moment = datetime.fromisoformat(text)
            year = moment.year - moment.year % 10 if to == "decade" else moment.year
            month = moment.month if to == "month" else 1
            return f"{year:04d}-{month:02d}-01"
