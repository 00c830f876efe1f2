"""What a jurisdiction's law says, as dated data with its source and how sure we are of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Mark = Literal["V", "V2", "R", "R?", "X"]
Start = Literal["received", "relevant_time", "aware", "detected", "consumers_notified"]
Unit = Literal["months", "days", "business_days", "hours"]
Roll = Literal["none", "weekends", "sundays"]
Texts = tuple[str, ...]

MARKS: Mapping[Mark, str] = {
    "V": "read in the law itself",
    "V2": "read in a secondary source",
    "R": "from memory, not checked",
    "R?": "from memory, doubtful",
    "X": "sources disagree",
}


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Fact(_Frozen):
    """One fact, in force from a day to another (both inclusive)."""

    source: str
    mark: Mark
    since: Annotated[date, Field(alias="from")]
    until: date | None = None

    @property
    def verified(self) -> bool:
        """Only what was read in the statute or the specification itself."""
        return self.mark == "V"

    def in_force(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


class Longer(_Frozen):
    """By how much a period may be extended, once, by a notice before its first end."""

    n: Annotated[int, Field(gt=0)]
    unit: Unit


class Deadline(Fact):
    """How long there is for an answer or a report.

    `roll`: an end on a Saturday, Sunday or public holiday moves on (`sundays`: only on a Sunday
    or public holiday). `less`: days by which the cautious date is earlier. `pause`: asking what
    is meant stops the clock. `whole_hours`: the hour of the event does not count.
    """

    what: Annotated[Texts, Field(min_length=1)]
    start: Start
    n: Annotated[int, Field(gt=0)]
    unit: Unit
    roll: Roll = "none"
    less: int = 0
    pause: bool = False
    whole_hours: bool = False
    longer: Longer | None = None

    @property
    def long(self) -> str:
        """`1 month`, `10 business days`."""
        words = self.unit.replace("_", " ")
        return f"{self.n} {words[:-1] if self.n == 1 else words}"


class Right(Fact):
    """`when`: its conditions. `fee`: what may be asked for it. `called`: what the law calls it.
    `bases`: it only reaches data used on one of these legal bases; without them, on any."""

    id: str
    when: str
    fee: str
    called: str = ""
    bases: Texts = ()


class Instead(Fact):
    """A right the law has not, and the rights `by` which much of it is reached."""

    right: str
    by: Annotated[Texts, Field(min_length=1)]
    says: str


class Prompt(Fact):
    """What the law wants done without counting days: `at once`, `without undue delay`."""

    what: Annotated[Texts, Field(min_length=1)]
    says: str


class Reach(Fact):
    """To whom the law applies: to all whom we serve when we are established there (`by: home`),
    or to people there (`by: residence`; `named`: only where the policy names the place)."""

    by: Literal["home", "residence"]
    named: bool = False
    says: str


class Ground(Fact):
    """A ground on which requests for these rights may be refused, in words for the letter."""

    id: str
    rights: Annotated[Texts, Field(min_length=1)]
    says: str


class Age(Fact):
    """Below this age a child cannot do it alone. `parts`: only there. `parent`: it is the age
    below which a parent must consent to the processing itself."""

    of: str
    age: int
    parts: Texts = ()
    parent: bool = True


class Regulator(Fact):
    name: str
    route: str


class Reply(Fact):
    """What a reply to a person, or the report of a breach, must say."""

    to: Literal["access", "refusal", "breach_regulator", "breach_subject"]
    states: Texts


class Jurisdiction(_Frozen):
    """A place's law. `parts` may have public holidays and, in `zones`, a time zone of their own."""

    place: str
    name: str
    zone: str
    parts: Mapping[str, str] = {}
    zones: Mapping[str, str] = {}
    regulators: tuple[Regulator, ...]
    ages: tuple[Age, ...]
    clocks: tuple[Deadline, ...]
    rights: tuple[Right, ...]
    grounds: tuple[Ground, ...]
    replies: tuple[Reply, ...]
    instead: tuple[Instead, ...] = ()
    prompt: tuple[Prompt, ...] = ()
    reach: tuple[Reach, ...] = ()

    def facts(self) -> list[Fact]:
        """Every fact there is, of all times."""
        return [
            *self.regulators,
            *self.ages,
            *self.clocks,
            *self.rights,
            *self.grounds,
            *self.replies,
            *self.instead,
            *self.prompt,
            *self.reach,
        ]


Some = TypeVar("Some", bound=Fact)


def in_force(facts: Iterable[Some], on: date) -> list[Some]:
    """Those of the facts that were in force on that day."""
    return [each for each in facts if each.in_force(on)]


def read(data: Any) -> Jurisdiction:
    return Jurisdiction.model_validate(data)
