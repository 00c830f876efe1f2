"""A path template, compiled: which names belong to a collection, and what the path tells.

`{yyyy}/{mm}/{dd}/{name}.wav` has three folders and a file. `{group}` matches a run of characters
without a slash; the date groups (yyyy mm dd HH MM SS epoch) match digits and together make the
path's clock; a group that stands twice must match the same text twice; `*` matches anything and
is no field. Everything else matches itself, letter case included.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from servanda.kernel.errors import StoreRefused
from servanda.kernel.evaluate import day_edge
from servanda.stores.moments import Span

_DATE_GROUPS = {"yyyy": 4, "mm": 2, "dd": 2, "HH": 2, "MM": 2, "SS": 2}
_STEPS = tuple(_DATE_GROUPS)
DATED = frozenset((*_DATE_GROUPS, "epoch"))
_TOKEN = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}|(\*)|([^{}*]+)|(.)", re.DOTALL)
_FREE = re.compile(rf"\{{(?!(?:{'|'.join(DATED)})\}})|\*")  # groups of any characters


@dataclass(frozen=True, slots=True)
class Segment:
    """One name of the path: a folder's, or the file's."""

    pattern: re.Pattern[str]
    groups: frozenset[str]

    @property
    def dated(self) -> bool:
        return bool(self.groups & DATED)


@dataclass(frozen=True, slots=True)
class Layout:
    """`known[i]`: the groups whose values are known once i folders have been entered."""

    template: str
    folders: tuple[Segment, ...]
    leaf: Segment
    ending: str  # of the main file, "" when the template does not fix it
    sidecars: tuple[str, ...]

    @property
    def groups(self) -> frozenset[str]:
        return self.leaf.groups.union(*(each.groups for each in self.folders))

    @property
    def path_dated(self) -> bool:
        return "epoch" in self.groups or "yyyy" in self.groups

    def dated_by(self, depth: int) -> bool:
        """Whether no name below `depth` folders adds to the path's clock."""
        below = self.folders[depth:]
        return not self.leaf.dated and not any(each.dated for each in below)

    def main_of(self, sidecar: str) -> str | None:
        """The main file's name for a sidecar's name, or None when it is no sidecar of ours."""
        for ending in self.sidecars:
            if sidecar.endswith(ending):
                main = sidecar[: -len(ending)] + self.ending
                if self.leaf.pattern.fullmatch(main):
                    return main
        return None


def compile_layout(template: str, sidecars: tuple[str, ...] = ()) -> Layout:
    """StoreRefused, with the mistake, on a template that means nothing."""
    names = template.split("/")
    if not all(names) or any(name in (".", "..") for name in names):
        raise _wrong(template, "write it relative to the store's folder, without empty parts")
    segments = [_segment(name, template) for name in names]
    groups = [group for each in segments for group in each.groups]
    for finer, coarser in zip(_STEPS[1:], _STEPS, strict=False):
        if finer in groups and coarser not in groups:
            raise _wrong(template, f"{{{finer}}} needs {{{coarser}}} beside it")
    stem, dot, last = names[-1].rpartition(".")
    ending = f".{last}" if stem and dot and not set(last) & set("{*") else ""
    if sidecars and not ending:
        raise _wrong(template, "with sidecars it must end in the main file's own ending")
    if ending in sidecars or not all(sidecars):
        raise _wrong(template, "a sidecar's ending must differ from the main file's")
    return Layout(template, tuple(segments[:-1]), segments[-1], ending, sidecars)


def _segment(name: str, template: str) -> Segment:
    parts: list[str] = []
    groups: set[str] = set()
    free = len(_FREE.findall(name))
    text = ".+" if free == 1 else ".+?"  # alone it can only match in one way: take the fast one
    for token in _TOKEN.finditer(name):
        group, star, literal, stray = token.groups()
        if stray:
            raise _wrong(template, "braces stand around a group's name, as in {name}")
        if star:
            parts.append(".*?")
        elif literal is not None:
            parts.append(re.escape(literal))
        elif group in groups:
            parts.append(f"(?P={group})")
        else:
            digits = f"[0-9]{{{_DATE_GROUPS[group]}}}" if group in _DATE_GROUPS else text
            if group == "epoch":
                digits = "[0-9]{1,12}"
            parts.append(f"(?P<{group}>{digits})")
            groups.add(group)
    return Segment(re.compile("".join(parts), re.DOTALL), frozenset(groups))


def span_of(groups: Mapping[str, str], zone: tzinfo) -> Span | None:
    """When the path says it was, as far as these groups know; None where that is no date."""
    try:
        if "epoch" in groups:
            moment = datetime.fromtimestamp(int(groups["epoch"]), UTC)
            return moment, moment
        if "yyyy" not in groups:
            return None
        known = [int(groups[step]) for step in _STEPS if step in groups]
        year, month, day = (*known[:3], 1, 1)[:3]
        if len(known) <= 3:
            first = last = date(year, month, day)
            if len(known) == 1:
                last = date(year, 12, 31)
            elif len(known) == 2:
                last = date(year, month, calendar.monthrange(year, month)[1])
            return day_edge(first, "start", zone), day_edge(last, "end", zone)
        hour, minute, second = (*known[3:], 0, 0, 0)[:3]
        local = datetime(year, month, day, hour, minute, second, tzinfo=zone)
        width = {4: timedelta(hours=1), 5: timedelta(minutes=1), 6: timedelta(0)}[len(known)]
        return local.astimezone(UTC), local.astimezone(UTC) + width
    except (ValueError, OverflowError, OSError):
        return None


def _wrong(template: str, remedy: str) -> StoreRefused:
    return StoreRefused(f'"{template}" is not a path template', remedy)
