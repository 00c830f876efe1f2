"""Every kind of letter there is, with its title and who writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from servanda.publish.letters import answers, intake, lawful, others
from servanda.publish.letters.data import LetterData, day
from servanda.publish.letters.paper import Block, Heading, Items, Letter, Paragraph, plain

Writer: TypeAlias = Callable[[LetterData], Iterator[Block]]

KINDS: Mapping[str, tuple[str, Writer]] = {
    "acknowledgement": ("We have received your request", intake.acknowledgement),
    "identity": ("Please show us that it is you", intake.identity),
    "scope": ("Please tell us what you need", intake.scope),
    "extension": ("We need more time", intake.extension),
    "access": ("Your data", answers.access),
    "portability": ("Your data", answers.access),
    "nothing-found": ("We found nothing of yours", answers.nothing_found),
    "erasure": ("The erasure of your data", answers.erasure),
    "rectified": ("The correction of your data", answers.rectified),
    "restricted": ("The use of your data is restricted", answers.restricted),
    "lifting": ("The restriction is going to end", answers.lifting),
    "objection": ("Your objection", answers.objection),
    "withdrawal": ("Your consent has ended", answers.withdrawal),
    "refusal": ("Why we do not do what you asked", answers.refusal),
    "complaint-received": ("We have received your complaint", others.complaint_received),
    "complaint-outcome": ("The outcome of your complaint", others.complaint_outcome),
    "routed-person": ("Your request is with our customer", others.routed_to_person),
    "routed-customer": ("A person asks about data we hold for you", others.routed_to_customer),
}


def letter(kind: str, data: LetterData) -> Letter:
    """ValueError for an unknown kind, or where data is missing that this kind cannot do without."""
    if kind not in KINDS:
        raise ValueError(f'there is no letter "{kind}"; there are {", ".join(KINDS)}')
    title, write = KINDS[kind]
    blocks = tuple(map(_plain, write(data)))
    whom = data.customer if kind == "routed-customer" else data.name
    return Letter(
        kind,
        f"{title} (request {plain(data.ref)})",
        plain(data.policy.organisation),
        plain(data.policy.contact),
        day(data.on),
        f"Dear {plain(whom)}," if whom.strip() else "Hello,",
        blocks,
        _said(kind, data, blocks),
    )


def _plain(block: Block) -> Block:
    match block:
        case Paragraph(text):
            return Paragraph(plain(text))
        case Heading(text):
            return Heading(plain(text))
        case Items(items):
            return Items(tuple(map(plain, items)))


def _said(kind: str, data: LetterData, blocks: tuple[Block, ...]) -> tuple[str, ...]:
    """Of what the law wants said, what stands in the letter."""
    if kind in ("access", "portability"):
        return lawful.wanted(data, "access")
    if Heading(lawful.DISAGREE) not in blocks:
        return ()
    reasons = kind == "refusal" or any(each.kept for each in data.stores)
    return tuple(each for each in lawful.wanted(data, "refusal") if each != "reasons" or reasons)
