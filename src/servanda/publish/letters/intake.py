"""Letters before the answer: received, who are you, what do you mean, we need longer."""

from __future__ import annotations

from collections.abc import Iterator

from servanda.publish.letters.data import LetterData, day
from servanda.publish.letters.paper import Block, Items, Paragraph

_WAYS = (
    "Answer the message that we send to an e-mail address of yours that we already know.",
    "Tell us the code that we give you when we call a number of yours that we already know.",
)


def acknowledgement(data: LetterData) -> Iterator[Block]:
    yield Paragraph(
        f"Thank you. On {day(data.received)} you asked us {data.asked}. This has the number "
        f"{data.ref}; please name it when you write to us about it."
    )
    if data.due:
        yield Paragraph(f"We will answer by {day(data.due)}.")
    yield Paragraph(
        "Before we give anything away or change anything, we make sure that it is really you who "
        "asks. We do that through an address or a number of yours that we already know. Only if "
        "that leaves a doubt do we ask you for more."
    )


def identity(data: LetterData) -> Iterator[Block]:
    yield Paragraph(
        f"On {day(data.received)} you asked us {data.asked}. Before we act we have to be sure "
        "that it is you who asks, so that nobody else gets or loses your data."
    )
    if data.reasons:
        yield Paragraph("This is why we are not sure yet:")
        yield Items(data.reasons)
    yield Paragraph("You can show it in one of these ways:")
    yield Items(data.ways or _WAYS)
    yield Paragraph(
        "We use what you send for this check only. If you show us a document, we note that we have "
        "seen it and destroy our copy."
    )
    if data.restarts:
        yield Paragraph("The time that we have for our answer begins when we have it.")
    elif data.due:
        yield Paragraph(f"Our time goes on meanwhile: we are to answer by {day(data.due)}.")


def scope(data: LetterData) -> Iterator[Block]:
    if not data.reasons:
        raise ValueError("a question needs its words")
    yield Paragraph(
        f"On {day(data.received)} you asked us {data.asked}. We hold much that may be meant. "
        "So that you get what you need, please tell us:"
    )
    yield Items(data.reasons)
    yield Paragraph("If you want all of it, say so, and you will get all of it.")
    if data.pauses:
        yield Paragraph("The time that we have for our answer stands still until you reply.")
    elif data.due:
        yield Paragraph(f"Our time goes on meanwhile: we are to answer by {day(data.due)}.")


def extension(data: LetterData) -> Iterator[Block]:
    if not data.reasons or data.due is None:
        raise ValueError("an extension needs its reasons and its new date")
    yield Paragraph(
        f"On {day(data.received)} you asked us {data.asked}. We cannot answer in the usual time, "
        f"and are sorry about it. You will have our answer by {day(data.due)}. This is why:"
    )
    yield Items(data.reasons)
