"""The contract of the connector port, on a small real program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from servanda.kernel.errors import StoreRefused
from tests.connectors.command.customers import Crm, customer
from tests.connectors.contract import RECORDS, Kind, Made, Record, StoreContract


class TestProgram(StoreContract):
    """Keys that are numbers, texts, or several fields; a program's records always have one."""

    can_redact = False
    can_keep_copies = False
    kinds = ("keyed", "composite", "text")
    delete: Sequence[str] = ("delete",)

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make(self, kind: Kind, records: Sequence[Record]) -> AbstractContextManager[Made]:
        return self.made(kind, records)

    @contextmanager
    def made(self, kind: Kind, records: Sequence[Record]) -> Iterator[Made]:
        crm = Crm.make(
            self.folder,
            [
                customer(str(e.id) if kind == "text" else e.id, e.recorded, e.person, e.note)
                for e in records
            ],
        )
        collection = crm.collection(delete=self.delete)
        if kind == "composite":
            collection = replace(collection, key=("person", "id"))
        store = crm.store(collections=[collection])

        def raw() -> dict[int, object]:
            return {int(each["id"]): each for each in crm.raw()}

        yield Made(store, collection, raw, lambda: crm.store(read_only=True))
        store.close()

    def test_a_program_keeps_no_copies(self) -> None:
        with (
            self.made("keyed", RECORDS) as made,
            pytest.raises(StoreRefused, match="keeps no copies"),
        ):
            made.store.put(made.collection, "batch-1", ("person",), iter([("x",)]))


class TestProgramCalledForEachRecord(TestProgram):
    delete = ("remove", "--", "{id}")
