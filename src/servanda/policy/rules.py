"""A compiled policy: what the checker leaves behind for everything downstream. Frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from servanda.kernel.errors import Place
from servanda.kernel.period import Period

Outcome: TypeAlias = Literal["delete", "anonymise", "archive", "return"]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Keep at most `period` after `event`; then `outcome`; unless the person consents."""

    period: Period
    event: str
    outcome: Outcome
    unless_consent: str | None = None  # purpose


@dataclass(frozen=True, slots=True)
class Floor:
    """Keep at least `period` after `event` because of `ground`; only what it covers.

    `covers` holds category ids; a floor on `contact` covers `contact.email`. Empty: everything.
    `published_exception`: the sentence that says so in the policy, where it outlasts a ceiling.
    """

    period: Period
    event: str
    ground: str
    covers: tuple[str, ...] = ()
    published_exception: str | None = None

    def covers_category(self, category: str) -> bool:
        return not self.covers or any(
            category == each or category.startswith(each + ".") for each in self.covers
        )


@dataclass(frozen=True, slots=True)
class Forever:
    """Kept without a ceiling, for a published reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Retention:
    ceilings: tuple[Ceiling, ...]
    floors: tuple[Floor, ...] = ()
    forever: Forever | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    id: str
    role: Literal["controller", "processor", "joint_controller"]
    purposes: tuple[str, ...]
    basis: str
    subjects: tuple[str, ...]
    data: tuple[str, ...]
    recipients: tuple[str, ...]
    retention: Retention | None
    place: Place
    source: str = ""  # where the data comes from; blank: the person, and their use of the services
    automated: str = ""  # a decision made by machines alone, and its logic; blank: none


@dataclass(frozen=True, slots=True)
class Recipient:
    id: str
    name: str
    kind: str
    country: str
    transfer: str | None
    place: Place
    contract_signed: str | None = None  # ISO date
    contract_review: Period | None = None


@dataclass(frozen=True, slots=True)
class ConsentPoint:
    """Where people are asked for consent to one purpose."""

    purpose: str
    point: str


@dataclass(frozen=True, slots=True)
class Right:
    """What is promised to a person who exercises a right. `law_sooner`: the published sentence
    that says so, where a law asks for an answer sooner."""

    id: str
    answer_within: Period | None
    through: str
    law_sooner: str
    place: Place


@dataclass(frozen=True, slots=True)
class Promise:
    """One published sentence. `planned`: its control is not built yet (kept_by is then empty).
    `owner`: the job that answers for it, in words; may be empty."""

    id: str
    says: str
    section: str
    kept_by: tuple[str, ...]  # "activities.call-recording.retain", "inventory.declared", …
    planned: bool
    how: Literal["enforced", "probed", "attested", "stated"]
    place: Place
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """`digest` is over the canonical JSON of the document, comments and layout aside."""

    organisation: str
    country: str
    zone: str  # IANA name; all calendar arithmetic is done on this wall clock
    contact: str
    jurisdictions: tuple[str, ...]
    activities: tuple[Activity, ...]
    recipients: tuple[Recipient, ...]
    promises: tuple[Promise, ...]
    digest: str
    source: bytes  # the file as read, kept as evidence of what was published
    consents: tuple[ConsentPoint, ...] = ()
    rights: tuple[Right, ...] = ()

    def activity(self, id_: str) -> Activity | None:
        return next((a for a in self.activities if a.id == id_), None)

    def right(self, id_: str) -> Right | None:
        return next((each for each in self.rights if each.id == id_), None)

    def promises_of(self, control: str) -> tuple[Promise, ...]:
        return tuple(p for p in self.promises if control in p.kept_by)
