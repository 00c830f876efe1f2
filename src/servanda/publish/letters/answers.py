"""Letters that answer: what was given, corrected, erased, stopped, and what was not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from servanda.plan.words import count, names
from servanda.publish.letters import lawful
from servanda.publish.letters.data import LetterData, day
from servanda.publish.letters.paper import Block, Heading, Items, Paragraph
from servanda.publish.package.choice import Reason
from servanda.publish.receipt import StoreLine

_LEFT_OUT: dict[Reason, str] = {
    "customer": "we hold these for a customer of ours, who decides about them",
    "unknown-customer": "we could not yet tell on whose behalf we hold these",
    "contested": "they belong to an address of several people, and may not be yours",
    "not-portable": "this right does not reach these; the right of access does",
}


def access(data: LetterData) -> Iterator[Block]:
    yield _opening(data)
    if data.package_until:
        yield Paragraph(
            "Your data comes as one encrypted file (ZIP with AES). 7-Zip, Keka or WinZip open it. "
            "Open index.html in it to read; the other files hold the same for other programs. You "
            f"can get the file until {day(data.package_until)}; after that we delete it."
        )
    if data.passphrase_by:
        yield Paragraph(f"The passphrase comes separately: {data.passphrase_by}.")
    yield from _unfinished(data)
    if data.left_out:
        yield Heading("What is not in it")
        yield Items(tuple(_left_out(data)))
    yield from lawful.access(data)


def _left_out(data: LetterData) -> Iterator[str]:
    """Once for each reason, however many collections it is true of."""
    for why in dict.fromkeys(each.why for each in data.left_out):
        found = [each for each in data.left_out if each.why == why]
        total = count(sum(each.count for each in found))
        what = names(dict.fromkeys(each.collection for each in found))
        yield f"{total} ({what}): {_LEFT_OUT[why]}."


def nothing_found(data: LetterData) -> Iterator[Block]:
    yield _opening(data)
    late = _late(data)
    where = "in every system that we could reach" if late else "everywhere where we keep data"
    yield Paragraph(
        f"We looked {where}, for the details that you gave us, and found nothing of yours."
    )
    searched = [each for each in data.searched if each not in late]
    if searched:
        yield Paragraph(f"We searched: {'; '.join(dict.fromkeys(searched))}.")
    yield from _unfinished(data)
    yield Paragraph(
        "If you have used another address, number or name with us, tell us, and we search again."
    )
    yield from lawful.remedies(data)


def erasure(data: LetterData) -> Iterator[Block]:
    yield _opening(data)
    done = sum(each.done for each in data.stores)
    kept = sum(line.count for each in data.stores for line in each.kept)
    waiting = any(each.state in ("pending", "unreachable") for each in data.stores)
    if waiting:
        yield Paragraph(
            f"We have begun, and erased {count(done)}. The rest goes on by itself, and we write "
            "again when it is done."
        )
    elif kept:
        yield Paragraph(f"We have erased {count(done)}, and keep {count(kept)}.")
    else:
        whose = f" for our customer {data.customer}" if data.customer else ""
        yield Paragraph(f"We have erased all that we had of you{whose}: {count(done)}.")
    yield from _stores(data)
    if data.residue:
        yield Heading("Copies that go later")
        yield Items(data.residue)
    yield from _told(data)
    yield from lawful.remedies(data)


def rectified(data: LetterData) -> Iterator[Block]:
    yield _opening(data)
    if not data.corrections:
        raise ValueError("a letter about a correction says what was corrected")
    yield Paragraph("We have corrected this, everywhere where we keep it:")
    yield Items(data.corrections)
    yield from _stores(data)
    yield from _told(data)
    yield from lawful.remedies(data)


def restricted(data: LetterData) -> Iterator[Block]:
    yield _opening(data)
    yield Paragraph(
        "We have done so. From now on we keep the data and do nothing else with it, unless you "
        "agree, or it is needed for legal claims or to protect somebody's rights. It is not "
        "deleted by our usual clearing either."
    )
    yield Paragraph("Before we lift the restriction we tell you.")
    yield from _stores(data)
    yield from _told(data)
    yield from lawful.remedies(data)


def lifting(data: LetterData) -> Iterator[Block]:
    if data.due is None or not data.reasons:
        raise ValueError("the end of a restriction needs its day and its reasons")
    yield Paragraph(
        f"At your request of {day(data.received)} we restricted the use of your data. We said "
        f"that we would tell you first: the restriction ends on {day(data.due)}. This is why:"
    )
    yield Items(data.reasons)
    yield from lawful.remedies(data)


def objection(data: LetterData) -> Iterator[Block]:
    yield _opening(data)
    what = f" for {data.what_for}" if data.purpose else ""
    yield Paragraph(f"We have stopped: your data is no longer used{what}.")
    yield Paragraph(
        "So that it stays that way, we keep a mark of your address from which nobody can read the "
        "address again."
    )
    yield from _stores(data)
    yield from lawful.remedies(data)


def withdrawal(data: LetterData) -> Iterator[Block]:
    yield _opening(data)
    what = f" to {data.what_for}" if data.purpose else ""
    yield Paragraph(
        f"Your consent{what} has ended, and with it all that rested on it alone. What was done "
        "before stays lawful. You can give your consent again whenever you like."
    )
    yield from _stores(data)
    yield from lawful.remedies(data)


def refusal(data: LetterData) -> Iterator[Block]:
    yield _opening(data)
    yield Paragraph("We do not do what you asked. These are the reasons:")
    yield Items(lawful.reasons(data))
    yield from lawful.remedies(data)


def _opening(data: LetterData) -> Paragraph:
    return Paragraph(
        f"On {day(data.received)} you asked us {data.asked} (our number {data.ref}). This is our "
        "answer."
    )


def _stores(data: LetterData) -> Iterator[Block]:
    """What was done, what is not yet, and what is kept; each once, in plain words. What had nothing
    of the person is not named; the receipt has all systems, by their names."""
    parts = _parts(data)
    if len(parts) == 1:
        yield Items(tuple(parts))
    elif parts:
        yield Items(tuple(f"{what}: {count(number)}" for what, number in parts.items()))
    late = [each for each in data.stores if each.state in ("pending", "unreachable")]
    if late:
        yield Heading("What is not finished yet")
        yield Items(tuple(dict.fromkeys(_unfinished_part(each) for each in late)))
    kept: dict[tuple[str, date | None], int] = {}
    for line in (line for each in data.stores for line in each.kept):
        kept[line.why, line.until] = kept.get((line.why, line.until), 0) + line.count
    if kept:
        yield Heading("What we keep, and why")
        yield Items(
            tuple(
                f"{count(number)}{f', until {day(until)}' if until else ''}: {why}."
                for (why, until), number in kept.items()
            )
        )
    if data.stores:
        yield Paragraph("The signed receipt that comes with this letter says the same.")


def _parts(data: LetterData) -> dict[str, int]:
    found: dict[str, int] = {}
    for store in data.stores:
        for what, number in store.parts or ((store.named, store.done),):
            if number:
                found[what] = found.get(what, 0) + number
    return found


def _unfinished_part(each: StoreLine) -> str:
    why = f": {each.words}" if each.state == "unreachable" else ""
    note = f" ({each.note})" if each.note else ""
    return f"{each.named}{why}{note}."


def _unfinished(data: LetterData) -> Iterator[Block]:
    late = _late(data)
    if late:
        yield Paragraph(
            f"It is not complete yet: we could not read {'; '.join(dict.fromkeys(late))}. You will "
            "get the rest as soon as we can."
        )


def _late(data: LetterData) -> list[str]:
    return [each.named for each in data.stores if each.state in ("pending", "unreachable")]


def _told(data: LetterData) -> Iterator[Block]:
    if data.told:
        yield Paragraph(f"We have told those who had the data from us: {names(data.told)}.")
