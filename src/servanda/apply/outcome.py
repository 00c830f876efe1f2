"""What a run came to, as data for the command line, the scheduler and the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Result: TypeAlias = Literal["done", "incomplete", "interrupted", "broken"]


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """One step. `state`: pending, running, done, failed or skipped. `count`: records it removed or
    redacted; `left`: records it should have and could not; `reason`: why it failed, was skipped,
    or left some, for a person, without personal data."""

    id: str
    collection: str
    action: str
    state: str
    planned: int
    count: int
    left: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Recount:
    """What the separate reader found after the run. `expected`: `total` as the evidence has it;
    a difference means that records came or went meanwhile by other hands."""

    collection: str
    overdue: int
    suspended: int
    total: int
    unstarted: int
    reader: Literal["recount", "same"]
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class ResidueFound:
    """`searched`: values looked for; `found`: places that still hold one of them."""

    collection: str
    searched: int
    found: int
    statements: tuple[tuple[str, str], ...] = ()  # (where, until)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`done`: all of it, and none overdue. `incomplete`: a step failed; `resume` goes on.
    `interrupted`: stopped on request; `resume` goes on. `broken`: done, yet the recount found
    overdue records. `findings` are sentences for a person."""

    run: str
    result: Result
    steps: tuple[StepOutcome, ...]
    recounts: tuple[Recount, ...] = ()
    residues: tuple[ResidueFound, ...] = ()
    unreachable: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return sum(step.count for step in self.steps)


@dataclass(frozen=True, slots=True)
class Progress:
    """Told after each window. `windows` and `planned` are of this step."""

    step: str
    collection: str
    done: int
    windows: int
    count: int
    planned: int
