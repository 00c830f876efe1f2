"""One JSON parameter as a table, as MariaDB writes it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class JsonTable(FunctionElement[Any]):
    """The strings of a JSON array, one for each row, in the column `one`."""

    inherit_cache = True
    name = "json_table"
    type = sa.types.NullType()


@compiles(JsonTable)
def _json_table(element: JsonTable, compiler: Any, **options: Any) -> str:
    packed = compiler.process(element.clauses, **options)
    return f"JSON_TABLE({packed}, '$[*]' COLUMNS (one TEXT CHARACTER SET utf8mb4 PATH '$'))"
