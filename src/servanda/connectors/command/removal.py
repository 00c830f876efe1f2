"""Having a program delete records. What it destroys cannot be undone.

The harm it could do, and what stands against it (tests/connectors/command/test_removal.py):
- a record that is no longer meant: the list is read again, and only what is still chosen is named;
- a program that says "done" and did nothing, or too little: the list is read once more, and what
  is still in it raises;
- a program that takes a value for an option or a command: see `program`.

It must bear being told the same again: after a crash it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from servanda.kernel.canonical import canonical
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Predicate
from servanda.stores import records
from servanda.stores.port import Bounds, Keys

if TYPE_CHECKING:
    from servanda.connectors.command.shelf import CommandShelf


@dataclass(slots=True)
class Removal:
    """A window of records to be deleted; until `commit` nothing has happened."""

    shelf: CommandShelf
    bounds: Bounds
    predicate: Predicate
    keys: Keys

    def commit(self) -> None:
        """StoreRefused, with how many remain, if any does."""
        chosen = set(records.unpacked(self.keys))
        if not chosen:
            return
        still = [key for key in self.shelf.chosen(self.predicate, self.bounds) if key in chosen]
        if still:
            self._delete(still)
        left = self.shelf.present(self.keys).count
        if left:
            raise StoreRefused(
                f"{left} of {self.keys.count} records of {self.shelf.collection.id} are still "
                "listed after its program deleted them",
                "run it by hand to see why",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.keys = Keys("json", b"", 0) if error is not None else self.keys

    def _delete(self, keys: list[bytes]) -> None:
        layout, program = self.shelf.layout, self.shelf.program
        named = [self._named(key) for key in keys]
        if not any(word.startswith("{") and word.endswith("}") for word in layout.delete):
            program.told(layout.delete, layout.env, (canonical(each) for each in named))
            return
        for each in named:
            program.told(self._arguments(each), layout.env, ())

    def _named(self, key: bytes) -> dict[str, Any]:
        return dict(zip(self.shelf.collection.key, records.values_of(key), strict=True))

    def _arguments(self, named: dict[str, Any]) -> list[str]:
        """The template with whole arguments filled in, none of which can be an option."""
        words: list[str] = []
        for word in self.shelf.layout.delete:
            name = word[1:-1]
            if word != f"{{{name}}}" or name not in named:
                words.append(word)
                continue
            value = str(named[name])
            if isinstance(named[name], dict | type(None)) or not value:
                raise StoreRefused(
                    f"{self.shelf.collection.id}: a key cannot be written as an argument",
                    "let the program read keys from its input",
                )
            if value.startswith("-") and "--" not in words:
                raise StoreRefused(
                    f"{self.shelf.collection.id}: a key could be taken for an option",
                    'put "--" before it, or let the program read keys from its input',
                )
            words.append(value)
        return words
