"""`Within` in the engines: a text names one of many identities, among other words.

As for `folding`: at least all that is meant, compared again in Python by whoever reads it. Every
identity becomes a pattern of what all its spellings have in common, and all patterns travel as one
parameter. tests/connectors/sql/test_folding.py guards this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from servanda.connectors.sql.express import Condition, Expression, replaced, value
from servanda.connectors.sql.folding import rows
from servanda.kernel import identity_email, identity_phone

_UNSURE = re.compile(r"[a-z]?[^!-~]+|[%\\]|ss|st|ff|fi|fl")  # composed otherwise, or spaced, or one
_OTHERWISE = re.compile("[ks_]")  # letters that some other letter folds to
_SHORTEST_NUMBER = 7


def names_one_of(dialect: str, text: Expression, fold: str, identities: Sequence[str]) -> Condition:
    """At least where `text` names one of the folded identities; NULL only where it is."""
    patterns = sorted({each for known in identities for each in _patterns(fold, known)})
    if not patterns:
        return sa.false()
    if fold.partition(":")[0] == "phone":
        bare = sa.func.sv_bare(text) if dialect == "sqlite" else None
        shown = replaced(dialect, text, "[^0-9a-zA-Z]", "") if bare is None else bare
    else:
        shown = sa.func.lower(text)
    if dialect == "postgresql":
        return shown.bool_op("LIKE")(sa.func.any(value(patterns)))
    wanted = rows(dialect, patterns).subquery("patterns")
    (pattern,) = wanted.c
    return sa.exists(sa.select(value(1)).select_from(wanted).where(shown.op("LIKE")(pattern)))


def _patterns(fold: str, known: str) -> Iterable[str]:
    if "\0" in known:
        return
    match fold.partition(":")[0]:
        case "phone":
            digits = identity_phone.digits(known)
            if len(digits) >= _SHORTEST_NUMBER:
                yield from (f"%{tail}%" for tail in identity_phone.tails(known))
        case "email":
            for spelt in identity_email.spellings(known):
                local, _, domain = spelt.partition("@")
                yield f"%{_loose(local)}%@{_loose(domain)}%"
        case _:
            yield f"%{_loose(known.lower())}%"


def _loose(text: str) -> str:
    return _OTHERWISE.sub("_", _UNSURE.sub("%", text))
