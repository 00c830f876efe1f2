"""Letters that answer: what was given, corrected, erased, stopped, and what was not."""

from __future__ import annotations

from collections.abc import Iterator

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
        yield f"{total} in {names(each.collection for each in found)}: {_LEFT_OUT[why]}."


def nothing_found(data: LetterData) -> Iterator[Block]:
    yield _opening(data)
    late = _late(data)
    where = "in every system that we could reach" if late else "everywhere where we keep data"
    yield Paragraph(
        f"We looked {where}, for the details that you gave us, and found nothing of yours."
    )
    searched = [each for each in data.searched if each not in late]
    if searched:
        yield Paragraph(f"We searched: {names(searched)}.")
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
            f"We have begun: {count(done)} are erased. A part is not finished yet. It goes on by "
            "itself, and we write again when it is done."
        )
    elif kept:
        yield Paragraph(f"We have erased {count(done)}, and keep some for the reasons below.")
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
    """Only the systems in which there was something; the receipt names all of them."""
    told = [each for each in data.stores if each.done or each.kept or each.state != "done"]
    if told:
        yield Heading("In our systems")
        yield Items(tuple(_store(each) for each in told))
    kept = [line for each in data.stores for line in each.kept]
    if kept:
        yield Heading("What we keep, and why")
        yield Items(
            tuple(
                f"{count(line.count)}{f', until {day(line.until)}' if line.until else ''}: "
                f"{line.why}."
                for line in kept
            )
        )
    if not data.stores:
        return
    yield Paragraph("The signed receipt that comes with this letter says the same.")


def _store(each: StoreLine) -> str:
    done = f"{count(each.done)} done" if each.done or each.state == "done" else ""
    kept = sum(line.count for line in each.kept)
    stays = f"{count(kept)} kept, for the reasons given" if kept else ""
    state = each.words if each.state in ("pending", "unreachable") else ""
    note = f" ({each.note})" if each.note else ""
    return f"{each.store}: {'; '.join(filter(None, (done, stays, state)))}{note}."


def _unfinished(data: LetterData) -> Iterator[Block]:
    late = _late(data)
    if late:
        yield Paragraph(
            f"It is not complete yet: we could not read {names(late)}. You will get the rest as "
            "soon as we can."
        )


def _late(data: LetterData) -> list[str]:
    return [each.store for each in data.stores if each.state in ("pending", "unreachable")]


def _told(data: LetterData) -> Iterator[Block]:
    if data.told:
        yield Paragraph(f"We have told those who had the data from us: {names(data.told)}.")
