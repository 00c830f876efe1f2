"""PostgreSQL, MariaDB (MySQL) and SQLite as stores.

The harm this package could do, and what guards it:

* deleting or changing a record that nobody meant. Every statement takes its rows from one
  two-valued condition (`compile`), the contract suite holds it against the reference in Python,
  and proves neighbours byte-identical;
* SQL from a table's, column's or key's name, or from a value: names are always quoted by
  SQLAlchemy, values always bound (tests/connectors/sql/test_injection.py);
* carrying a deletion on into tables that nobody mapped: `foreign` refuses before the first row;
* telling a value in an error: `failures` passes on names only.
"""

from __future__ import annotations

from servanda.connectors.sql.store import SqlConnector

connector = SqlConnector()
