"""servanda.toml: the settings of one workspace. Everything has a default."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from servanda.desk.settings import (
    SECURITY,
    ConsentSettings,
    DeskSettings,
    IncidentSettings,
    MailSettings,
    RequestSettings,
)
from servanda.kernel.errors import UsageError
from servanda.kernel.period import Period, PeriodError
from servanda.kernel.suggest import did_you_mean
from servanda.runtime.keysettings import KeySettings, check_keys
from servanda.runtime.websettings import WebSettings, check_web

NAME = "servanda.toml"
_DAILY = timedelta(hours=23)
_PERIODS = ("lead", "grace", "keep", "remember")
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class StateSettings:
    """Where our own database lies; a relative SQLite path is relative to the workspace."""

    url: str = "sqlite:///.servanda/state.sqlite3"


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """When sweeps run (cron, on the policy's wall clock), how early they delete (`lead`), and how
    late evidence may be before a promise is unproven (`grace`, on top of the sweep's interval)."""

    sweep: str = "0 2 * * *"
    lead: Period = field(default_factory=lambda: Period(days=1))
    grace: Period = field(default_factory=lambda: Period(days=1))


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """`origin` names the ledger in signed checkpoints; `publish` is where these are put; after
    `keep` the evidence key of a run is destroyed, and what it sealed is opaque for ever."""

    origin: str = ""
    publish: str = ".servanda/checkpoints"
    keep: Period = field(default_factory=lambda: Period(months=36))


@dataclass(frozen=True, slots=True)
class CommandSettings:
    """`allow`: absolute paths of the programs that stores.yaml may name as stores. No others."""

    allow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    state: StateSettings = field(default_factory=StateSettings)
    keys: KeySettings = field(default_factory=KeySettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    commands: CommandSettings = field(default_factory=CommandSettings)
    requests: RequestSettings = field(default_factory=RequestSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    web: WebSettings = field(default_factory=WebSettings)
    incidents: IncidentSettings = field(default_factory=IncidentSettings)
    consent: ConsentSettings = field(default_factory=ConsentSettings)

    @property
    def desk(self) -> DeskSettings:
        return DeskSettings(self.requests, self.mail, self.web.address)

    def occasions(self, start: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
        """The next two scheduled sweeps after `start`, UTC."""
        from croniter import croniter

        clock = croniter(self.schedule.sweep, start.astimezone(zone))
        first, second = (clock.get_next(datetime) for _ in range(2))
        return first.astimezone(UTC), second.astimezone(UTC)

    def heartbeat(self, now: datetime, zone: tzinfo) -> timedelta:
        """How old evidence may be: the longest wait between two sweeps, and the grace."""
        return self._interval(now, zone) + (self.schedule.grace.after(now, zone) - now)

    def often(self, now: datetime, zone: tzinfo) -> timedelta:
        """How often whoever serves counts, so that no count gets too old: twice in a heartbeat, and
        daily at least."""
        return min(_DAILY, self.heartbeat(now, zone) / 2)

    def _interval(self, now: datetime, zone: tzinfo) -> timedelta:
        waits, moment = [], now
        for _ in range(8):  # a week of daily sweeps: weekends off make one wait longer
            first, second = self.occasions(moment, zone)
            waits.append(second - first)
            moment = first
        return max(waits)

    def check_lead(self, now: datetime, zone: tzinfo) -> None:
        """Refuse a lead shorter than the wait between sweeps, for promises would break on that
        day, and one far longer, for records would go long before they are due."""
        lead = self.schedule.lead.after(now, zone) - now
        interval = self._interval(now, zone)
        if lead < interval - timedelta(hours=1):  # slack for summer time
            raise UsageError(
                f"{NAME}: schedule.lead ({self.schedule.lead}) is shorter than the time "
                f"between two sweeps ({interval})",
                "make the sweep more frequent or the lead longer, or records outlast their ceiling",
            )
        if lead > max(timedelta(days=7), 2 * interval):
            raise UsageError(
                f"{NAME}: schedule.lead ({self.schedule.lead}) would delete long before a record "
                "is due",
                "at most seven days, or twice the time between two sweeps",
            )


_SECTIONS: dict[str, type[Any]] = {
    "state": StateSettings,
    "keys": KeySettings,
    "schedule": ScheduleSettings,
    "evidence": EvidenceSettings,
    "commands": CommandSettings,
    "requests": RequestSettings,
    "mail": MailSettings,
    "web": WebSettings,
    "incidents": IncidentSettings,
    "consent": ConsentSettings,
}


def load(folder: Path) -> Settings:
    """Read `folder`/servanda.toml; without the file, the defaults. UsageError on any mistake."""
    path = folder / NAME
    if not path.exists():
        return Settings()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{NAME}: {error}", "mend the line it names") from None
    except OSError as error:
        raise UsageError(f"{NAME} cannot be read ({error.strerror})", "check its owner") from None
    return Settings(**{name: _section(name, body) for name, body in document.items()})


def _section(name: str, body: Any) -> Any:
    kind = _SECTIONS.get(name)
    if kind is None or not isinstance(body, dict):
        raise UsageError(f"{NAME}: unknown section [{name}]", did_you_mean(name, _SECTIONS))
    known = {each.name: each for each in fields(kind)}
    values: dict[str, Any] = {}
    for key, value in body.items():
        if key not in known:
            raise UsageError(f"{NAME}: unknown setting {name}.{key}", did_you_mean(key, known))
        if key == "allow":
            values[key] = _paths(f"{name}.{key}", value)
            continue
        if known[key].type in (bool, "bool"):
            values[key] = _switch(f"{name}.{key}", value)
            continue
        if known[key].type in (tuple[str, ...], "tuple[str, ...]"):
            values[key] = _words(f"{name}.{key}", value)
            continue
        if known[key].type in (int, "int"):
            values[key] = _number(f"{name}.{key}", value)
            continue
        values[key] = _value(f"{name}.{key}", value, is_period=key in _PERIODS)
    if "sweep" in values:
        _check_cron(values["sweep"])
    if values.get("security", "none") not in SECURITY:
        raise UsageError(
            f"{NAME}: mail.security must be one of {', '.join(SECURITY)}",
            did_you_mean(values["security"], SECURITY),
        )
    made = kind(**values)
    if isinstance(made, KeySettings):
        check_keys(NAME, made)
    if isinstance(made, WebSettings):
        check_web(NAME, made)
    return made


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{NAME}: {name} must be true or false", "write it without quotes")
    return value


def _words(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise UsageError(f"{NAME}: {name} must be a list of texts", 'like ["one", "two"]')
    return tuple(value)


def _value(name: str, value: Any, is_period: bool) -> str | Period:
    if not isinstance(value, str):
        raise UsageError(f"{NAME}: {name} must be text", 'write it in quotes, "like this"')
    if is_period:
        try:
            return Period.parse(value)
        except PeriodError as error:
            raise UsageError(f"{NAME}: {name}: {error}") from None
    return _VARIABLE.sub(lambda match: _environment(name, match), value)


def _number(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 1_000_000:
        raise UsageError(f"{NAME}: {name} must be a whole number above 0", "write it as 587")
    return value


def _paths(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise UsageError(f"{NAME}: {name} must be a list of texts", 'like ["/usr/bin/program"]')
    for each in value:
        if not each.startswith("/") or each != os.path.normpath(each):
            raise UsageError(
                f'{NAME}: {name}: "{each[:80]}" is not the whole path of a program',
                "write it from the root, without . and ..",
            )
    return tuple(value)


def _environment(name: str, match: re.Match[str]) -> str:
    found = os.environ.get(match[1], match[2])
    if found is None:
        raise UsageError(
            f"{NAME}: {name} needs the environment variable {match[1]}", f"set {match[1]}"
        )
    return found


def _check_cron(text: str) -> None:
    from croniter import CroniterBadDateError, croniter

    try:
        comes = croniter.is_valid(text) and bool(croniter(text).get_next())
    except CroniterBadDateError:  # the 30th of February
        comes = False
    if not comes:
        raise UsageError(
            f'{NAME}: schedule.sweep "{text[:40]}" is not a cron line',
            'write five fields, for example "0 2 * * *" for every night at two',
        )
