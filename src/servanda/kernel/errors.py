"""Errors a person can act on: where, what, and what next. Never personal data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal


def printable(text: str) -> str:
    """`text` on one line that does nothing to a terminal, whatever the file it quotes holds."""
    return "".join(each if each.isprintable() else "·" for each in text)


class Exit(IntEnum):
    """Exit codes of every command (DESIGN section 2)."""

    OK = 0
    BROKEN = 1  # a promise is broken, or a check found errors
    USAGE = 2
    UNREACHABLE = 3  # a store could not be reached


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file a person wrote; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One finding about a file: where, what, and the remedy."""

    file: str
    line: int
    column: int
    severity: Literal["error", "warning"]
    code: str  # stable, kebab-case: "unknown-key", "floor-beyond-ceiling"
    message: str
    remedy: str

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}:{self.column}  {self.severity}: {self.message}"
        return f"{text}; {self.remedy}" if self.remedy else text


class ServandaError(Exception):
    """Base of every error meant for a person. `what` says it, `remedy` says what next."""

    exit = Exit.BROKEN

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what}; {self.remedy}" if self.remedy else self.what


class UsageError(ServandaError):
    """The command was called wrongly, or a file it names is not there."""

    exit = Exit.USAGE


class CheckFailed(ServandaError):
    """Policy or stores are not sound; carries the findings."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        errors = sum(d.severity == "error" for d in diagnostics)
        super().__init__(f"{errors} error{'s' if errors != 1 else ''}", "run `servanda check`")
        self.diagnostics = diagnostics


class StoreUnreachable(ServandaError):
    """A store did not answer. Nothing was changed there by the call that raised this."""

    exit = Exit.UNREACHABLE

    def __init__(self, store: str, why: str) -> None:
        super().__init__(
            f'store "{store}" could not be reached ({why})',
            "check that it runs and that stores.yaml has the right address",
        )
        self.store = store


class StoreBusy(ServandaError):
    """Deadlock, lock or statement timeout: the window was rolled back; trying again may help."""


class StoreRefused(ServandaError):
    """The store answered with an error that trying again will not mend."""


class Drift(ServandaError):
    """A store's shape is not what the mapping says, so we only read from it."""


class StalePlan(ServandaError):
    """The plan no longer fits policy, mapping, or data."""


class BreakerOpen(ServandaError):
    """A step would touch more than its limit; it needs an approval of exactly this plan."""
