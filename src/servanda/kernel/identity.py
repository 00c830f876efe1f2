"""Whether two spellings name the same person: the one place where identities are compared.

The harm is in both directions: a record that is missed because its number is written otherwise,
and a record taken for somebody else's because two people were thought alike. So each kind has one
normal form and nothing is guessed beyond it: no fuzzy names, no provider's private rules.
tests/kernel/test_identity.py guards this.

A *fold* says how the values of a field are brought to the form that predicates compare:
`email`, `phone:GB` (national numbers are of that country), `phone` (no country is known), `name`,
and `text` for every other kind.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from servanda.kernel import identity_email, identity_phone
from servanda.kernel.errors import UsageError

_LONGEST = 320  # of an e-mail address, the longest thing people are identified by


def fold_of(kind: str, region: str | None = None) -> str:
    """The fold of a kind of identity. `region`: the organisation's country, such as `GB`."""
    if kind == "phone":
        return f"phone:{region}" if region else "phone"
    return kind if kind in ("email", "name") else "text"


def region_of(country: str) -> str:
    """The country of a jurisdiction, as telephone numbers know it: `GB-NIR` is GB."""
    return country.partition("-")[0].upper()


def normal(kind: str, value: object, region: str | None = None) -> str | None:
    """The identity in its normal form; None where the value is no identity of that kind.

    An address keeps its plus part here: `jo+news@x.test` is an alias of `jo@x.test`, see `folded`.
    """
    if kind == "email":
        return identity_email.normal(_text(value))
    return folded(fold_of(kind, region), value)


def folded(fold: str, value: object) -> str | None:
    """What two spellings of one identity share, aliases among them; None where it is none."""
    text = _text(value)
    match fold.partition(":")[0]:
        case "email":
            return identity_email.base(text)
        case "phone":
            return identity_phone.normal(text, fold.partition(":")[2] or None)
        case "name":
            return " ".join(unicodedata.normalize("NFC", text.casefold()).split()) or None
        case "text":
            return text.strip() or None
    raise ValueError(f'unknown fold "{fold[:40]}"')


def require(kind: str, value: str, region: str | None = None) -> str:
    """The normal form of what a person typed; UsageError, without the value, where it is none."""
    written = _text(value)
    fits = len(written) <= _LONGEST and written.strip().isprintable()
    found = normal(kind, value, region) if fits else None
    if found is not None:
        return found
    what, how = {
        "email": ("an e-mail address", "write it like jo@example.test"),
        "phone": ("a telephone number", "write it like +44 28 9018 0001, or an extension like 201"),
        "name": ("a name", "write it as the stores know it"),
    }.get(kind, (f"an identity ({kind[:40]})", "write it as the stores have it, on one line"))
    raise UsageError(f"that is not {what}", how)


def require_kind(kind: str, known: Iterable[str]) -> None:
    """UsageError for a kind of identity that no store knows."""
    kinds = sorted({"email", "phone", "name", *known})
    if kind not in kinds:
        raise UsageError(
            f'no store identifies people by "{kind[:40]}"', f"kinds known here: {', '.join(kinds)}"
        )


def _text(value: object) -> str:
    if value is None:
        return ""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return unicodedata.normalize("NFC", text)
