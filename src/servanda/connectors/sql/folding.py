"""`Folded` in the engines: a field is one of many identities, however it is written there.

The harm: a spelling this misses is a record that an access package lacks, or that a hold does not
protect. So the condition takes in at least all that is meant, and readers compare again in Python.
tests/connectors/sql/test_folding.py holds it against `kernel.identity` on every engine.

Three arms, so that the usual case is a look into an index. A value in normal form is compared by
`lower(field)`. Only what is not plain (a display name, a plus part, blanks) goes through the steps
of `kernel.identity_email`. What is not ASCII is compared by its skeleton, the plain letters in it.
The identities travel as one parameter, however many there are.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import sqlalchemy as sa

from servanda.connectors.sql.express import Condition, Expression, matches, replaced, value
from servanda.connectors.sql.jsontable import JsonTable
from servanda.kernel import identity_email, identity_phone

Wanted: TypeAlias = Iterable[str] | Expression

_TRIMMED = r"^[!-~]([ -~]*[!-~])?$"
_SINGLE_SPACED = r"^[!-~]+( [!-~]+)*$"
_NOT_PLAIN_GLOB = ("*[^a-zA-Z0-9_.@-]*", "*[^a-zA-Z0-9]")
_ASCII = "^[ -~]*$"


def is_one_of(dialect: str, text: Expression, fold: str, identities: Sequence[str]) -> Condition:
    """At least where `text` is one of the folded identities; NULL only where it is."""
    lists = wanted(dialect, fold, identities)
    return is_listed(dialect, text, fold, lists) if lists else sa.false()


def wanted(dialect: str, fold: str, identities: Sequence[str]) -> tuple[list[str], ...]:
    """The lists that `is_listed` compares with; none where no record can have these identities.

    Numbers are one list. Of anything else the first is every spelling that is in normal form, the
    second what the others are compared with.
    """
    sayable = [each for each in identities if "\0" not in each]
    if not sayable:
        return ()
    kind = fold.partition(":")[0]
    if kind == "phone":
        tails = {tail for number in sayable for tail in identity_phone.tails(number)}
        return (sayable if dialect == "sqlite" else sorted(tails),)
    spelt = _spelt(kind, sayable)
    if dialect == "postgresql":
        return sorted(set(spelt)), sorted({_skeleton(each) for each in spelt})
    return spelt, sayable if dialect == "sqlite" else spelt


def is_listed(dialect: str, text: Expression, fold: str, lists: Sequence[Wanted]) -> Condition:
    """`is_one_of`, from the lists or, in PostgreSQL, from what stands for them: `any(…)`."""
    kind = fold.partition(":")[0]
    if kind == "phone":
        return _phone(dialect, text, fold, lists[0])
    spelt, others = lists
    direct = text if kind == "text" else sa.func.lower(text)
    if dialect == "sqlite":
        known = listed(dialect, sa.func.sv_folded(text, value(fold)), others)
        return sa.or_(listed(dialect, direct, spelt), sa.and_(_odd_in_sqlite(text), known))
    odd = sa.not_(_plain(dialect, text, kind))
    form = _form(dialect, text, kind)
    return sa.or_(
        listed(dialect, direct, spelt),
        sa.and_(
            odd,
            sa.or_(
                listed(dialect, form, spelt),
                sa.and_(sa.not_(matches(dialect, form, _ASCII)), _alike(dialect, form, others)),
            ),
        ),
    )


def listed(
    dialect: str, text: Expression, values: Wanted, collation: str = "utf8mb4_bin"
) -> Condition:
    """The text is one of the values, which travel as one parameter. `collation`: of MariaDB."""
    if isinstance(values, sa.ColumnElement):
        return text.bool_op("=")(values)
    if dialect == "postgresql":
        return text.bool_op("=")(sa.func.any(value(sorted(set(values)))))
    if dialect == "mariadb":
        text = sa.collate(text, collation)
    return text.in_(rows(dialect, values))


def rows(dialect: str, values: Iterable[str]) -> sa.Select[str]:
    """One parameter as rows of one column, `one`, in SQLite and MariaDB."""
    packed = value(json.dumps(sorted(set(values)), ensure_ascii=False))
    if dialect == "sqlite":
        each = sa.func.json_each(packed).table_valued("value").c.value
        return sa.select(each.label("one"))
    one: sa.Label[str] = sa.literal_column("wanted.one").label("one")
    return sa.select(one).select_from(JsonTable(packed).alias("wanted"))


def _plain(dialect: str, text: Expression, kind: str) -> Condition:
    """Written into the statement, so that PostgreSQL can prove that a partial index serves it."""
    pattern = {"email": identity_email.PLAIN, "name": _SINGLE_SPACED}.get(kind, _TRIMMED)
    if dialect == "mariadb":  # there `$` is true before a last line break too
        return matches(dialect, text, f"{pattern}(?!\\n)")
    return text.bool_op("~")(sa.literal_column(f"'{pattern}'"))


def _odd_in_sqlite(text: Expression) -> Condition:
    return sa.or_(*(text.op("GLOB")(value(glob)) for glob in _NOT_PLAIN_GLOB))


def _form(dialect: str, text: Expression, kind: str) -> Expression:
    """What `kernel.identity.folded` makes of ASCII text, by the same steps."""
    if kind == "email":
        for pattern, by in (*identity_email.STEPS, identity_email.ALIAS):
            text = replaced(dialect, text, _dotall(dialect, pattern), by)
        return sa.func.lower(text)
    text = replaced(dialect, text, r"^[ \t\r\n\v\f]+|[ \t\r\n\v\f]+$", "")
    if kind == "name":
        return replaced(dialect, sa.func.lower(text), r"[ \t\r\n\v\f]+", " ")
    return text


def _alike(dialect: str, form: Expression, others: Wanted) -> Condition:
    """Texts that are not ASCII: equal but for what is no plain letter."""
    if dialect == "mariadb":
        return listed(dialect, form, others, "utf8mb4_unicode_ci")
    doubled = sa.func.replace(
        sa.func.replace(form, value("ß"), value("ss")), value("ẞ"), value("ss")
    )
    taken_apart = sa.case(
        (
            sa.func.getdatabaseencoding() == value("UTF8"),
            sa.func.normalize(doubled, sa.literal_column("NFKD")),
        ),
        else_=form,
    )
    skeleton = replaced(dialect, sa.func.lower(taken_apart), "[^a-z0-9@]", "")
    return listed(dialect, skeleton, others)


def _skeleton(text: str) -> str:
    return re.sub("[^a-z0-9@]", "", unicodedata.normalize("NFKD", text.casefold()))


def _spelt(kind: str, identities: Iterable[str]) -> list[str]:
    if kind == "email":
        return [each for known in identities for each in identity_email.spellings(known)]
    return [unicodedata.normalize(form, each) for each in identities for form in ("NFC", "NFD")]


def _phone(dialect: str, text: Expression, fold: str, numbers: Wanted) -> Condition:
    """By the digits that a number ends in whatever the notation."""
    if dialect == "sqlite":
        return listed(dialect, sa.func.sv_folded(text, value(fold)), numbers)
    rest = text
    for pattern, by in identity_phone.STEPS:
        rest = replaced(dialect, rest, _dotall(dialect, pattern), by)
    digits = replaced(dialect, rest, "[^0-9]", "")
    # Most numbers are digits already, and the steps cost far more than the look.
    shown = sa.case((matches(dialect, text, "^[+]?[0-9]+$"), text), else_=digits)
    return listed(dialect, sa.func.right(shown, value(identity_phone.TAIL)), numbers)


def _dotall(dialect: str, pattern: str) -> str:
    return f"(?s){pattern}" if dialect == "mariadb" else pattern
