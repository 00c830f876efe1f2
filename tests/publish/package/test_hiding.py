"""A hidden field cannot be read through another door."""

from __future__ import annotations

import pytest

from servanda.publish.package.hiding import hidden
from servanda.stores.mapping import (
    Clock,
    Collection,
    Column,
    Field,
    FileLayout,
    FilePart,
    JsonPath,
)

TABLE = Collection(
    "crm",
    "people",
    "people",
    None,
    ("id",),
    (Clock("born", Column("other_birthday")), Clock("made", Column("made"))),
    (
        Field("id", Column("id")),
        Field("partner_born", Column("other_birthday")),
        Field("partner_again", Column("partner")),
        Field("partner", Column("partner")),
        Field("document", Column("doc")),
        Field("partner_mail", JsonPath("doc", ("partner", "mail"))),
        Field("partner_all", JsonPath("doc", ("partner",))),
        Field("own_mail", JsonPath("doc", ("own", "mail"))),
    ),
)
FOLDER = Collection(
    "recordings",
    "wav",
    "{callee}-{caller}.wav",
    None,
    ("path",),
    (),
    (
        Field("path", FilePart("path")),
        Field("name", FilePart("name")),
        Field("size", FilePart("size")),
        Field("callee", FilePart("group", "callee")),
        Field("caller", Column("caller")),
        Field("remark", FilePart("sidecar", "remark")),
    ),
    files=FileLayout("{callee}-{caller}.wav"),
)


@pytest.mark.parametrize(
    ("collection", "name", "also"),
    [
        (TABLE, "partner", {"partner_again"}),
        (TABLE, "partner_born", {"born"}),
        (TABLE, "partner_mail", {"document", "partner_all"}),
        (TABLE, "document", {"partner_mail", "partner_all", "own_mail"}),
        (TABLE, "own_mail", {"document"}),
        (FOLDER, "callee", {"path", "name"}),
        (FOLDER, "path", {"name", "callee", "caller"}),
        (FOLDER, "remark", set()),
        (FOLDER, "size", set()),
    ],
)
def test_all_that_shares_its_source_goes_with_it(
    collection: Collection, name: str, also: set[str]
) -> None:
    assert hidden(collection, (name,)) == {name, *also}


def test_nothing_hides_nothing() -> None:
    assert hidden(TABLE, ()) == frozenset()
