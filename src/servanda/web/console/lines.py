"""A text with its line numbers, and what the checker says beside each line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from servanda.kernel.errors import Diagnostic

_AROUND = 2
_MOST = 40


@dataclass(slots=True)
class Line:
    number: int
    text: str
    findings: list[Diagnostic] = field(default_factory=list)


def numbered(text: str, findings: Iterable[Diagnostic], file: str) -> list[Line]:
    """Every line of a file; findings of other files (packs) are left out."""
    lines = [Line(number, each) for number, each in enumerate(text.splitlines() or [""], 1)]
    for each in findings:
        if each.file.rpartition("/")[2] == file:
            lines[min(max(each.line, 1), len(lines)) - 1].findings.append(each)
    return lines


def excerpts(text: str, findings: Sequence[Diagnostic], file: str) -> list[list[Line]]:
    """The lines with findings and two around each, in stretches."""
    lines = numbered(text, findings, file)
    marked = [each.number for each in lines if each.findings][:_MOST]
    wanted = {n + step for n in marked for step in range(-_AROUND, _AROUND + 1)}
    stretches: list[list[Line]] = []
    last = -1
    for line in lines:
        if line.number in wanted:
            if line.number != last + 1 or not stretches:
                stretches.append([])
            stretches[-1].append(line)
            last = line.number
    return stretches
