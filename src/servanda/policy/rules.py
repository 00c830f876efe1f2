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
    channels: tuple[str, ...] = ()
    asks_again: Period | None = None  # how long a consent counts; None: until withdrawn


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody people may turn to."""

    name: str
    contact: str


@dataclass(frozen=True, slots=True)
class Cookie:
    """What a site keeps on a visitor's device. `lasts`: None for a session. `by`: a recipient's id;
    blank: the company itself. `hosts`: whose scripts, frames and pixels wait for the choice."""

    name: str
    category: str
    purpose: str
    lasts: Period | None
    by: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Banner:
    sites: tuple[str, ...]
    asks_again: Period


@dataclass(frozen=True, slots=True)
class Field:
    """Of a form. `free`: people write there what they like."""

    name: str
    category: str
    required: bool
    free: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A way by which data comes in. `third_party`: from somebody else than the person."""

    id: str
    activity: str
    fields: tuple[Field, ...]
    third_party: bool
    asks_age: bool

    def field(self, name: str) -> Field | None:
        return next((each for each in self.fields if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Message:
    """A kind of message. Only `marketing` needs consent to marketing."""

    id: str
    kind: Literal["service", "marketing"]
    purpose: str
    says: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What happens before a changed policy binds. `consent`: a material change binds only those who
    accepted it. `objection`: how long customers may object to a new processor."""

    review: Period | None
    notice: Period
    tell: tuple[str, ...]
    consent: bool
    objection: Period | None


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
    address: str = ""
    phone: str = ""
    officer: Named | None = None
    representatives: tuple[tuple[str, Named], ...] = ()  # by place
    registrations: tuple[tuple[str, str], ...] = ()  # by place
    cookies: tuple[Cookie, ...] = ()
    banner: Banner | None = None
    forms: tuple[Form, ...] = ()
    messages: tuple[Message, ...] = ()
    children_below: int | None = None
    security: tuple[str, ...] = ()
    changes: Changes | None = None
    events: tuple[tuple[str, str], ...] = ()  # of the policy's own, and what each means

    def activity(self, id_: str) -> Activity | None:
        return next((a for a in self.activities if a.id == id_), None)

    def right(self, id_: str) -> Right | None:
        return next((each for each in self.rights if each.id == id_), None)

    def form(self, id_: str) -> Form | None:
        return next((each for each in self.forms if each.id == id_), None)

    def consent(self, purpose: str) -> ConsentPoint | None:
        return next((each for each in self.consents if each.purpose == purpose), None)

    def promises_of(self, control: str) -> tuple[Promise, ...]:
        return tuple(p for p in self.promises if control in p.kept_by)
