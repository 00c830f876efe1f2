r"""Moments kept as text in a format of their own (`%d/%m/%Y %H:%M`).

A text is never handed to the engine's date parser, which may raise at the first odd row. It is
turned into `YYYY-MM-DD HH:MM:SS.ffffff` (cut off where the format ends) by regular expressions
that all engines share, and compared as text. What does not match has not happened.

A format that already sorts by time (`%Y-%m-%d %H:%M:%S`, `%Y%m%d`) is compared as it stands, so
that an index on the column serves.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

import sqlalchemy as sa

from servanda.connectors.sql import wallclock
from servanda.connectors.sql.express import (
    Condition,
    Expression,
    certain,
    matches,
    replaced,
    value,
)
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Edge

_STRICT = {
    "Y": "[1-9][0-9]{3}",
    "m": "(?:0[1-9]|1[0-2])",
    "d": "(?:0[1-9]|[12][0-9]|3[01])",
    "H": "(?:[01][0-9]|2[0-3])",
    "M": "[0-5][0-9]",
    "S": "[0-5][0-9]",
    "f": "[0-9]{6}",
}
_LOOSE = {
    "Y": "([1-9][0-9]{3})",
    "y": "([0-9]{2})",
    "m": "([0-9]{1,2})",
    "d": "([0-9]{1,2})",
    "H": "([0-9]{1,2})",
    "I": "([0-9]{1,2})",
    "M": "([0-9]{1,2})",
    "S": "([0-9]{1,2})",
    "f": "([0-9]{1,6})",
    "b": "([A-Za-z]{3,9})",
    "B": "([A-Za-z]{3,9})",
    "p": "([AaPp][Mm])",
    "a": "[A-Za-z]+",
    "A": "[A-Za-z]+",
}
_ALIAS = {"y": "Y", "b": "m", "B": "m", "I": "H"}
_ORDER = "YmdHMSf"
_BEFORE = {"Y": "", "m": "-", "d": "-", "H": " ", "M": ":", "S": ":", "f": "."}
_GAP = "\x01"
_LOWER = "\x02"  # a step: small letters
_PLAIN = "\x03"  # begins what a plain text is replaced by, without a pattern
_SPECIAL = re.compile(r"([.^$*+?()\[\]{}|\\])")


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A strptime format. `parts`: which of `YmdHMSf` it has, without a gap."""

    source: str
    tokens: tuple[tuple[str, str], ...]  # ("%", directive) or ("", literal)
    parts: str
    sorts: bool

    @classmethod
    def parse(cls, format_: str, *, of: str) -> TextFormat:
        """Raises StoreRefused on a format that cannot be compared in every engine."""
        tokens: list[tuple[str, str]] = []
        for directive, literal in re.findall(r"%(.)|([^%]+)", format_):
            if directive == "%":
                tokens.append(("", "%"))
            elif directive:
                tokens.append(("%", directive))
            else:
                tokens.append(("", literal))
        directives = [d for mark, d in tokens if mark]
        unknown = [d for d in directives if d not in _LOOSE]
        named = [_ALIAS.get(d, d) for d in directives if d not in "aAp"]
        parts = "".join(p for p in _ORDER if p in named)
        whole = parts and _ORDER.startswith(parts) and len(named) == len(parts)
        if unknown or not whole or ("I" in directives) != ("p" in directives):
            raise StoreRefused(
                f'{of}: the time format "{format_[:40]}" cannot be compared here',
                "use year, month, day, hour, minute, second (%Y %m %d %H %M %S %f %y %b %I %p)",
            )
        sorts = "".join(directives) == parts
        return cls(format_, tuple(tokens), parts, sorts)

    # ── in the engine ─────────────────────────────────────────────────────────────────────────

    def valid(self, dialect: str, text: Expression) -> Condition:
        """The text is a moment in this format. Never NULL."""
        if self.sorts:
            return sa.and_(text.is_not(None), matches(dialect, text, self._strict()))
        return certain(matches(dialect, self._normal(dialect, text), _normal_pattern(self.parts)))

    def key(self, dialect: str, text: Expression) -> Expression:
        """What sorts by time and goes into `decode`; NULL where it has not happened."""
        found = text if self.sorts else self._normal(dialect, text)
        return sa.case((self.valid(dialect, text), found))

    def at_most(
        self, dialect: str, text: Expression, instant: datetime, zone: tzinfo, edge: Edge
    ) -> Condition:
        """The text's moment lies at or before `instant`. Never NULL."""
        limit = value(self.constant(instant, zone, edge))
        if self.sorts:
            return sa.and_(text <= limit, self.valid(dialect, text))
        return certain(self.key(dialect, text) <= limit)

    def key_at_most(
        self, key: Expression, instant: datetime, zone: tzinfo, edge: Edge
    ) -> Condition:
        """The same for what `key` gave."""
        return certain(key <= value(self.constant(instant, zone, edge)))

    def coarser(self, dialect: str, text: Expression, unit: str, *, of: str) -> Expression:
        """The text cut to the start of its `year`, `month` or `decade`; NULL where it does not
        match. Only for formats of digits."""
        if not all(each in "YmdHMSf" for mark, each in self.tokens if mark):
            raise StoreRefused(f"{of}: a date with words in it cannot be generalised", "use `null`")
        first = {"m": "01", "d": "01", "H": "00", "M": "00", "S": "00", "f": "000000"}
        pattern, template, group = "", "", 0
        for mark, each in self.tokens:
            if mark and (each == "Y" or (each == "m" and unit == "month")):
                group += 1
                loose = "[0-9]{1,2}" if each == "m" else "[1-9][0-9]{3}"
                if each == "Y" and unit == "decade":
                    pattern += "([1-9][0-9]{2})[0-9]"
                    template += f"\\{group}{_GAP}0"  # or \\1 and 0 would read as \\10
                else:
                    pattern += f"({loose})"
                    template += f"\\{group}{_GAP}"
            elif mark:
                pattern += "[0-9]{1,6}"
                template += first[each]
            else:
                pattern += _escape(each)
                template += each.replace("\\", "\\\\")
        done = sa.func.replace(
            replaced(dialect, text, f"^{pattern}$", template), value(_GAP), value("")
        )
        return sa.case((certain(matches(dialect, text, f"^{pattern}$")), done))

    # ── in Python ─────────────────────────────────────────────────────────────────────────────

    def constant(self, instant: datetime, zone: tzinfo, edge: Edge) -> str:
        """The greatest text (as `key` gives it) that lies at or before `instant`."""
        match self.parts:
            case "Y":
                year = max(wallclock.greatest_year(instant, zone, edge), 1)
                reading = datetime(year, 1, 1)  # noqa: DTZ001  a wall clock reading
            case "Ym":
                day = wallclock.greatest_month(instant, zone, edge)
                reading = datetime(day.year, day.month, 1)  # noqa: DTZ001
            case "Ymd":
                day = wallclock.greatest_day(instant, zone, edge)
                reading = datetime(day.year, day.month, day.day)  # noqa: DTZ001
            case _:
                reading = wallclock.greatest_reading(instant, zone, edge)
        pieces = _pieces(reading)
        if self.sorts:
            return "".join(pieces[each] if mark else each for mark, each in self.tokens)
        return "".join(_BEFORE[part] + pieces[part] for part in self.parts)

    def decode(self, key: str, zone: tzinfo) -> datetime | None:
        """The UTC instant of what `key` gave (the start of a day, month or year)."""
        pattern = self._grouped() if self.sorts else _normal_grouped(self.parts)
        found = re.fullmatch(pattern, key)
        return wallclock.instant_of(_reading(found.groupdict()), zone) if found else None

    # ── patterns ──────────────────────────────────────────────────────────────────────────────

    def _strict(self) -> str:
        inner = "".join(_STRICT[each] if mark else _escape(each) for mark, each in self.tokens)
        return f"^{inner}$"

    def _grouped(self) -> str:
        return "".join(
            f"(?P<{each}>{_STRICT[each]})" if mark else _escape(each) for mark, each in self.tokens
        )

    def _normal(self, dialect: str, text: Expression) -> Expression:
        """The text rewritten so that it sorts; anything else comes out unfit for the pattern."""
        if dialect == "sqlite":  # whose parser has no room for so many calls in each other
            return sa.func.sv_sortable(text, value(self.source))
        done = text
        for pattern, by in self.steps():
            if pattern == _LOWER:
                done = sa.func.lower(done)
            elif by.startswith(_PLAIN):
                done = sa.func.replace(done, value(pattern), value(by.removeprefix(_PLAIN)))
            else:
                done = replaced(dialect, done, pattern, by)
        return done

    def steps(self) -> list[tuple[str, str]]:
        """What is replaced by what, one after the other. See `_LOWER` and `_PLAIN`."""
        groups: dict[str, int] = {}
        inner = ""
        for mark, each in self.tokens:
            inner += _LOOSE[each] if mark else _escape(each)
            if mark and each not in "aA":
                groups[each] = len(groups) + 1
        template = ""
        for part in self.parts:
            name = next(d for d in groups if _ALIAS.get(d, d) == part)
            # A leading zero for all, taken away again below where there was no need of it.
            zero = "0" if name in "mdHIMS" else {"y": "Y"}.get(name, "")
            template += f"{_BEFORE[part]}{zero}\\{groups[name]}"
            if name == "I":
                template += f"\\{groups['p']}"
        found = [(f"^{inner}$", template)]
        if "y" in groups:
            found += [("^Y(69|[7-9][0-9])", r"19\1"), ("^Y", "20")]
        found.append(("([- :])0([0-9]{2})", r"\1\2"))
        if "b" in groups or "B" in groups:
            found.append((_LOWER, ""))
            for number in range(1, 13):
                for word in (calendar.month_name[number], calendar.month_abbr[number]):
                    found.append((f"-{word.lower()}", f"{_PLAIN}-{number:02}"))
        if "I" in groups:
            found.append((_LOWER, ""))
            for hour in range(1, 13):
                for half, add in (("am", 0), ("pm", 12)):
                    found.append((f" {hour:02}{half}", f"{_PLAIN} {hour % 12 + add:02}"))
        return found


@lru_cache(maxsize=64)
def _compiled(format_: str) -> list[tuple[str, str]]:
    return TextFormat.parse(format_, of="").steps()


def sortable(text: object, format_: str) -> str | None:
    """SQLite's `sv_sortable`: what `TextFormat._normal` does in other engines."""
    if text is None:
        return None
    done = str(text)
    for pattern, by in _compiled(format_):
        if pattern == _LOWER:
            done = done.lower()
        elif by.startswith(_PLAIN):
            done = done.replace(pattern, by.removeprefix(_PLAIN))
        else:
            done = re.sub(pattern, by, done)
    return done


def _escape(literal: str) -> str:
    return _SPECIAL.sub(r"\\\1", literal)


def _normal_pattern(parts: str) -> str:
    return f"^{_normal_grouped(parts, '(?:')}$"


def _normal_grouped(parts: str, opening: str = "") -> str:
    """The pattern of what `_normal` gives; groups are named unless `opening` says otherwise."""
    digits = {**_STRICT, "f": "[0-9]{1,6}"}
    return "".join(f"{_escape(_BEFORE[p])}{opening or f'(?P<{p}>'}{digits[p]})" for p in parts)


def _pieces(reading: datetime) -> dict[str, str]:
    return {
        "Y": f"{reading.year:04}",
        "m": f"{reading.month:02}",
        "d": f"{reading.day:02}",
        "H": f"{reading.hour:02}",
        "M": f"{reading.minute:02}",
        "S": f"{reading.second:02}",
        "f": f"{reading.microsecond:06}",
    }


def _reading(found: dict[str, str]) -> datetime:
    """A naive reading; a day that its month does not have is the month's last."""
    year, month = int(found["Y"]), int(found.get("m", "1"))
    day = min(int(found.get("d", "1")), calendar.monthrange(year, month)[1])
    start = datetime(year, month, day)  # noqa: DTZ001  a wall clock reading
    return start + timedelta(
        hours=int(found.get("H", "0")),
        minutes=int(found.get("M", "0")),
        seconds=int(found.get("S", "0")),
        microseconds=int(found.get("f", "0").ljust(6, "0")),
    )
