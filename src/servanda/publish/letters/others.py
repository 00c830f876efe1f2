"""Letters about complaints, and about requests that a customer of ours has to decide."""

from __future__ import annotations

from collections.abc import Iterator

from servanda.publish.letters import lawful
from servanda.publish.letters.data import LetterData, day
from servanda.publish.letters.paper import Block, Items, Paragraph


def complaint_received(data: LetterData) -> Iterator[Block]:
    yield Paragraph(
        f"We have received your complaint of {day(data.received)}. It has the number {data.ref}. "
        "We look into it and keep you informed."
    )
    if data.due:
        yield Paragraph(f"You will hear from us by {day(data.due)}.")
    yield from lawful.remedies(data)


def complaint_outcome(data: LetterData) -> Iterator[Block]:
    if not data.outcome:
        raise ValueError("the outcome of a complaint needs its words")
    yield Paragraph(
        f"We have looked into your complaint of {day(data.received)} (number {data.ref})."
    )
    yield Paragraph(data.outcome)
    if data.reasons:
        yield Items(data.reasons)
    yield from lawful.remedies(data)


def routed_to_person(data: LetterData) -> Iterator[Block]:
    _needs_customer(data)
    at = f" You can reach them at {data.customer_contact}." if data.customer_contact else ""
    yield Paragraph(
        f"On {day(data.received)} you asked us {data.asked}. We hold this data for our customer "
        f"{data.customer}, who decides about it. We have passed your request on to them, and do "
        f"what they tell us.{at}"
    )
    yield Paragraph("The law gives them the time for the answer, counted from when it is theirs.")


def routed_to_customer(data: LetterData) -> Iterator[Block]:
    _needs_customer(data)
    whom = f" {data.name}" if data.name else ""
    yield Paragraph(
        f"On {day(data.received)} a person{whom} asked us {_theirs(data)}. As far as it is about "
        "data that we hold for you, you decide about it, and we act only as you instruct us."
    )
    if data.due:
        yield Paragraph(
            f"Please tell us by {day(data.due)} what we are to do, so that there is time to do it."
        )
    yield Paragraph(f"Our number of this request is {data.ref}. Answer to {data.policy.contact}.")


def _theirs(data: LetterData) -> str:
    """What was asked for, told to somebody else."""
    return (
        data.asked.replace("your consent", "their consent")
        .replace("your data", "their data")
        .replace("your complaint", "their complaint")
    )


def _needs_customer(data: LetterData) -> None:
    if not data.customer:
        raise ValueError("a letter about a customer's data names the customer")
