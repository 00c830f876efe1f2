"""Whether a field already has its erased form: erasing it again would change nothing.

Null is erased, and so is blank text: it says nothing about anybody.
"""

from __future__ import annotations

import sqlalchemy as sa

from servanda.connectors.sql import sources
from servanda.connectors.sql.express import Condition, Expression, as_text, certain, matches, value
from servanda.connectors.sql.generalise import coarser, is_blank
from servanda.connectors.sql.reflect import Mapped, kind
from servanda.kernel.erased import ENDING

PSEUDONYM = f"^ps_[0-9a-f]{{32}}({ENDING})?$"


def has_form(mapped: Mapped, field: str, form: str) -> Condition:
    """The field is null, blank, or in the form (see `predicate.Erased`). Never NULL."""
    expression = sources.column(mapped, field)
    dialect = mapped.db.dialect
    if form == "pseudonym":
        found = matches(dialect, _text(dialect, expression), PSEUDONYM)
    else:
        found = _same(dialect, coarser(mapped, field, form), expression)
    return sa.or_(expression.is_(None), certain(found), certain(blank(mapped, expression)))


def blank(mapped: Mapped, expression: Expression) -> Condition:
    """The value is blank text. May be NULL."""
    dialect = mapped.db.dialect
    textual = not isinstance(expression, sa.Column) or kind(expression) in ("text", "char", "other")
    if dialect == "sqlite":
        return sa.func.trim(expression, value(" \t\r\n")) == value("")
    return is_blank(dialect, _text(dialect, expression)) if textual else sa.false()


def _same(dialect: str, new: Expression, expression: Expression) -> Condition:
    if dialect == "sqlite":
        return sa.func.sv_same(new, expression) == 1
    textual = not isinstance(expression, sa.Column) or kind(expression) in ("text", "char")
    return new == (_text(dialect, expression) if textual else expression)


def _text(dialect: str, expression: Expression) -> Expression:
    return expression if dialect == "sqlite" else as_text(dialect, expression)
