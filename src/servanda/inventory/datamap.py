"""The data map: where data lies, what it is for, and who else gets it, in which country.

From the policy and the mapping alone; what a store really holds is the inventory's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from servanda.policy.rules import Activity, Policy, Recipient
from servanda.policy.transfers import adequacy, same_area
from servanda.policy.vocabulary import country_of, terms
from servanda.stores.mapping import Collection, StoreConfig


@dataclass(frozen=True, slots=True)
class Lies:
    """A store. `collections`: those with a rule or personal fields."""

    config: StoreConfig
    collections: tuple[Collection, ...]

    @property
    def name(self) -> str:
        return self.config.name


@dataclass(frozen=True, slots=True)
class Serves:
    """An activity, and the collections in which its data lies."""

    activity: Activity
    collections: tuple[Collection, ...]

    @property
    def stores(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.store for each in self.collections))


@dataclass(frozen=True, slots=True)
class Receives:
    """A recipient. `transfer`: why data may go to that country, blank where it stays at home.
    `review`: when its contract must be looked at again; `late`: that day is over."""

    recipient: Recipient
    country: str
    transfer: str
    activities: tuple[str, ...]
    review: date | None
    late: bool

    @property
    def id(self) -> str:
        return self.recipient.id


@dataclass(frozen=True, slots=True)
class DataMap:
    stores: tuple[Lies, ...]
    activities: tuple[Serves, ...]
    recipients: tuple[Receives, ...]

    @property
    def transfers(self) -> tuple[Receives, ...]:
        return tuple(each for each in self.recipients if each.transfer)


def datamap(policy: Policy, configs: Sequence[StoreConfig], today: date) -> DataMap:
    """Everything in the order of the files."""
    collections = [each for config in configs for each in config.collections]
    return DataMap(
        tuple(
            Lies(config, tuple(c for c in config.collections if c.activity or c.personal))
            for config in configs
        ),
        tuple(
            Serves(each, tuple(c for c in collections if c.activity == each.id))
            for each in policy.activities
        ),
        tuple(_receives(policy, each, today) for each in policy.recipients),
    )


def _receives(policy: Policy, recipient: Recipient, today: date) -> Receives:
    country = country_of(recipient.country)
    review = _review(policy, recipient)
    return Receives(
        recipient,
        country.name if country else recipient.country,
        transfer_in_words(policy, recipient, today),
        tuple(each.id for each in policy.activities if recipient.id in each.recipients),
        review,
        review is not None and review < today,
    )


def transfer_in_words(policy: Policy, recipient: Recipient, today: date) -> str:
    """Why the data may leave; blank where it does not."""
    home, abroad = country_of(policy.country), country_of(recipient.country)
    if home is None or abroad is None or same_area(home, abroad):
        return ""
    if recipient.transfer is not None:
        term = terms("transfer").get(recipient.transfer)
        return term.label if term else recipient.transfer
    decision = adequacy(home, abroad, today.isoformat())
    if decision is None:
        return "without a mechanism"
    until = f", until {decision.until}" if decision.until else ""
    return f"{decision.ground}{until}"


def _review(policy: Policy, recipient: Recipient) -> date | None:
    if recipient.contract_signed is None or recipient.contract_review is None:
        return None
    zone = ZoneInfo(policy.zone)
    signed = datetime.fromisoformat(recipient.contract_signed).replace(tzinfo=zone)
    return recipient.contract_review.after(signed, zone).astimezone(zone).date()
