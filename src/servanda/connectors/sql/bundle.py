"""Several works in one transaction: what is done for a person is done as a whole, or not at all.

The harm it could do is that of windows (see `windows`), and one more: a work could rely on what an
earlier one of the same transaction did, and destroy what that one left. So each work is checked
when it comes to it, in the state that the earlier ones made: rows that a foreign key would carry
along are looked for under the lock of the rows they refer to, which nobody can refer to anew
meanwhile. Everything else that could be refused is refused before the transaction begins.
Tests: tests/connectors/sql/test_bundle.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

import sqlalchemy as sa

from servanda.connectors.sql import (
    compile,
    correct,
    erase,
    foreign,
    keys,
    layout,
    sqlite,
    together,
    windows,
)
from servanda.connectors.sql.engine import Database
from servanda.connectors.sql.foreign import Name, Undeclared
from servanda.connectors.sql.keys import Identity
from servanda.connectors.sql.reflect import Mapped
from servanda.connectors.sql.window import Chosen, Condition, SqlBundle
from servanda.kernel.errors import StoreRefused
from servanda.stores.port import CorrectRows, DeleteRows, DropPartition, Keys, RedactRows, Work

Part = tuple[Mapped, Work]


def open_(
    db: Database,
    parts: Sequence[Part],
    ties: Callable[[Mapped], Sequence[Undeclared]],
    begins: Callable[[], None],
) -> SqlBundle:
    """Do the works in an open transaction. `ties`: foreign.undeclared, perhaps remembered.
    `begins` is called before the first statement."""
    cascading = _checked(parts, ties)
    with db.translated(), ExitStack() as undo:
        prepared = [_prepared(each) for each in parts]
        if db.dialect == "sqlite":
            undo.enter_context(sqlite.turn(db))
        connection = db.begin()
        undo.callback(connection.close)
        begins()
        touched: list[Keys] = []
        for (mapped, work), (found, meant), more in zip(parts, prepared, cascading, strict=True):
            _refuse_carried(connection, mapped, more, meant)
            chosen = Chosen(sa.true(), meant, narrow=False, few=True)
            touched.append(_done(connection, mapped, work, found, chosen))
        return SqlBundle(db, connection, tuple(touched), undo.pop_all())


def _prepared(part: Part) -> tuple[Identity, Condition]:
    """Whatever must be learnt of the table before a connection is held."""
    mapped, work = part
    together.learn(mapped)
    layout.order_of(mapped)
    return keys.identity(mapped), compile.target(mapped, work.target)


def _checked(
    parts: Sequence[Part], ties: Callable[[Mapped], Sequence[Undeclared]]
) -> list[list[Undeclared]]:
    """Refuse what could never be done. The keys of each work that cascade into a table an earlier
    work has seen to, which is to be looked at when it comes to it."""
    seen: set[Name] = set()
    cascading: list[list[Undeclared]] = []
    for mapped, work in parts:
        carried: list[Undeclared] = []
        match work.action:
            case DeleteRows():
                carried = [each for each in ties(mapped) if each.tie.on_delete == "CASCADE"]
                for each in carried:
                    if each.table not in seen or not each.own:
                        raise foreign.cascades(mapped, each)
            case RedactRows(changes):
                erase.check(mapped, changes)
            case CorrectRows(corrections):
                correct.check(mapped, corrections, work.target)
            case DropPartition():
                raise StoreRefused(
                    f"{mapped.collection.id}: a partition is dropped by itself",
                    "drop it in a window of its own",
                )
        seen.add((mapped.table.schema, mapped.table.name))
        cascading.append(carried)
    return cascading


def _refuse_carried(
    connection: sa.Connection, mapped: Mapped, more: Sequence[Undeclared], meant: Condition
) -> None:
    """Lock the records, then see that nothing is left that would be carried along."""
    if more:
        locked = sa.select(sa.literal(1)).select_from(mapped.table).where(meant)
        connection.execute(locked.with_for_update()).all()
    for each in more:
        foreign.refuse_in_the_way(connection, mapped, each, meant)


def _done(
    connection: sa.Connection, mapped: Mapped, work: Work, found: Identity, chosen: Chosen
) -> Keys:
    try:
        with mapped.db.translated():
            return windows.done(connection, mapped, work, found, chosen)
    except StoreRefused as refused:
        what = f"{mapped.collection.id}: {refused.what}"
        raise StoreRefused(what, refused.remedy or "nothing was changed in this store") from None
