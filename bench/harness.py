"""What all benches share: sizes, figures against targets, a table to read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value beside its baseline. `value` is what the target is about: mostly a ratio.

    `measured` and `baseline` are in `unit`; a target is an upper limit.
    """

    name: str
    value: float
    target: float
    measured: float
    baseline: float | None = None
    unit: str = "s"

    @property
    def reached(self) -> bool:
        return self.value <= self.target


def ratio(
    name: str, measured: Sequence[float], baseline: Sequence[float], target: float, unit: str = "s"
) -> Figure:
    """The best of some measurements over the best of the baseline's."""
    one, other = min(measured), min(baseline)
    return Figure(name, one / other, target, one, other, unit)


def result(bench: str, figures: Sequence[Figure], **facts: Any) -> dict[str, Any]:
    """What `run()` returns: figures, facts about the run, and which targets were reached."""
    return {
        "bench": bench,
        **facts,
        "load": round(os.getloadavg()[0], 1),  # how busy the machine was, ourselves included
        "figures": [
            {
                "name": each.name,
                "value": round(each.value, 3),
                "target": each.target,
                "measured": round(each.measured, 3),
                "baseline": None if each.baseline is None else round(each.baseline, 3),
                "unit": each.unit,
                "reached": each.reached,
            }
            for each in figures
        ],
        "targets": {f"{each.name} <= {each.target:g}": each.reached for each in figures},
    }


def table(found: dict[str, Any]) -> str:
    """The result as text for a person."""
    lines = [f"bench {found.get('bench', '')}"]
    for name, each in found.items():
        if name not in ("bench", "figures", "targets"):
            lines.append(f"  {name}: {each}")
    for each in found.get("figures", ()):
        against = "" if each["baseline"] is None else f" (baseline {each['baseline']:g})"
        lines.append(
            f"  {each['name']:<28} {each['value']:>8.3f}   at most {each['target']:<6g}"
            f" {'reached' if each['reached'] else 'MISSED':<8}"
            f" {each['measured']:g} {each['unit']}{against}"
        )
    for text, reached in found["targets"].items():
        if not found.get("figures"):
            lines.append(f"  {text:<40} {'reached' if reached else 'MISSED'}")
    return "\n".join(lines)


def size(name: str, default: int) -> int:
    """A size that the environment may change: `size("rows", …)` reads SERVANDA_BENCH_ROWS."""
    return int(os.environ.get(f"SERVANDA_BENCH_{name.upper()}", default))


def chosen(known: Sequence[str], usually: Sequence[str] | None = None) -> list[str]:
    """The engines to measure: those in SERVANDA_BENCH_ENGINES (comma-separated), else `usually`."""
    wanted = os.environ.get("SERVANDA_BENCH_ENGINES")
    named = (usually or known) if wanted is None else wanted.split(",")
    return [each for each in known if each in named]


def seconds(work: Callable[[], object]) -> float:
    os.sync()  # what was written before is not this work's to wait for
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
