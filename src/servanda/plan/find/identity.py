"""Whether two spellings name the same person: the one place where identifiers are compared."""

from __future__ import annotations

from servanda.kernel.predicate import OneOf, Predicate


def normal(kind: str, value: object) -> str | None:
    text = str(value).strip().lower() if value is not None else ""
    if kind == "phone":
        digits = "".join(each for each in text if each.isdigit())
        return digits if len(digits) >= 5 else None
    return text or None


def matching(kind: str, field: str, values: list[str]) -> Predicate:
    wanted = [w for v in values for w in (v.strip(), v.strip().lower(), normal(kind, v)) if w]
    return OneOf(field, tuple(dict.fromkeys(wanted)))
