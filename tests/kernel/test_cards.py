"""Card numbers are found in whatever groups, and hardly anything else is taken for one."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from servanda.kernel import cards, issuers

KNOWN = {
    "4111111111111111": "Visa",
    "4222222222222": "Visa",
    "4000000000000000006": "Visa",
    "5555555555554444": "Mastercard",
    "2223003122003222": "Mastercard",
    "2720994326581252": "Mastercard",
    "378282246310005": "American Express",
    "343434343434343": "American Express",
    "6011111111111117": "Discover",
    "6500000000000002": "Discover",
    "30569309025904": "Diners Club",
    "38520000023237": "Diners Club",
    "36227206271667": "Diners Club",
    "3530111333300000": "JCB",
    "6200000000000005": "UnionPay",
    "6759649826438453": "Maestro",
    "501800000009": "Maestro",
}
"""Numbers that payment providers publish for tests."""
GAPS = ("", " ", "-", ".", "_", "\n", " - ", "\u00a0", "\u2009", "\u2013", "\u200b", "\r\n> ")
SCRIPTS = ("0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")


def complete(start: str, length: int, draw: Callable[[], str]) -> str:
    """A number of that length with the right check digit."""
    body = start + "".join(draw() for _ in range(length - len(start) - 1))
    return next(body + last for last in "0123456789" if issuers.luhn(body + last))


@some.composite
def numbers(draw: some.DrawFn) -> str:
    issuer = draw(some.sampled_from(issuers.ISSUERS))
    low, high = draw(some.sampled_from(issuer.ranges))
    start = str(draw(some.integers(int(low), int(high))))
    length = draw(some.sampled_from(sorted(issuer.lengths)))
    return complete(start, length, lambda: str(draw(some.integers(0, 9))))


@some.composite
def groups(draw: some.DrawFn) -> tuple[list[str], str]:
    """A number cut into groups of two or more signs, which no decimal number has after its point;
    and what stands between them."""
    rest, found = draw(numbers()), []
    while rest:
        size = draw(some.integers(2, 6))
        found.append(rest[:size])
        rest = rest[size:]
    return found, draw(some.sampled_from(GAPS[1:]))


@pytest.mark.parametrize("between", ["/", ",", "|", ")(", "%20", "-"])
def test_whatever_stands_between_the_groups(between: str) -> None:
    said = between.join(("4111", "1111", "1111", "1111"))
    assert cards.there(f"my card is {said} thanks")


@pytest.mark.parametrize("number", KNOWN)
def test_each_issuers_numbers_are_known(number: str) -> None:
    (card,) = cards.find(f"Take {number}, please.")
    assert (card.start, card.end, card.issuer) == (5, 5 + len(number), KNOWN[number])
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert not cards.there(f"Take {wrong}, please.")


@given(groups(), some.sampled_from(SCRIPTS), some.booleans())
def test_groups_scripts_and_breaks_hide_nothing(
    cut: tuple[list[str], str], script: str, around: bool
) -> None:
    parts, gap = cut
    text = gap.join(parts).translate(str.maketrans("0123456789", script))
    said = f"Card:\n{text}\nend" if around else text
    assert cards.there(said), said
    assert not cards.there(cards.masked(said))


@given(numbers(), some.sampled_from(GAPS[1:4]))
def test_one_digit_at_a_time(number: str, gap: str) -> None:
    assert cards.there(gap.join(number))


@given(numbers(), some.text(max_size=30), some.text(max_size=30))
def test_words_around_hide_nothing(number: str, before: str, after: str) -> None:
    for signs in (before, after):
        if any(each.isnumeric() for each in signs) or "+" in signs:
            return
    if len(number) == 13 and not cards.there(number):
        return  # a number of goods
    assert cards.there(f"{before} {number} {after}")


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111 12/27 123",
        "4111111111111111 123",
        "tel 028 9012 3456 4111111111111111",
        "12 4111-1111-1111-1111",
        "<td>4111111111111111</td>",
        "no4111111111111111no",
        '{"pan":"4111111111111111","exp":"1227"}',
        ";4111111111111111=27121010000000000000?",
        "4111 1111\n1111 1111",
        "4️⃣1️⃣1️⃣1️⃣ 1️⃣1️⃣1️⃣1️⃣ 1️⃣1️⃣1️⃣1️⃣ 1️⃣1️⃣1️⃣1️⃣",
    ],
)
def test_what_people_write(text: str) -> None:
    assert cards.there(text)
    assert not cards.there(cards.masked(text))
    assert len(cards.masked(text)) == len(text)


def test_two_numbers_are_two_and_the_rest_stays() -> None:
    text = "old 4111 1111 1111 1111, new 5555-5555-5555-4444, case 1234567"
    assert [each.issuer for each in cards.find(text)] == ["Visa", "Mastercard"]
    assert cards.masked(text) == f"old {'•' * 19}, new {'•' * 19}, case 1234567"


NO_CARDS = (
    "+44 28 9012 3456, +1 415 555 0100, 00 49 30 123456 78",
    "615-555-0100 615-555-0123 028 9000 0001 028 9000 0002",
    "GB29 NWBK 6016 1331 9268 19 and DE89370400440532013000",
    "FR14 2004 1010 0505 0001 3M02 606",
    "IMEI 490154203237518, 35-209900-176148-1 and 352099001761481",
    "ICCID 8944110068256270054",
    "TrackingID#2611280040001234",
    "2026-11-28 06:03:14.123456 and 20261128060314123456",
    "2026-11-30 2026-12-01 2026-12-02",
    "30.11.2026 01.12.2026 02.12.2026 03.12.2026",
    "54.5973012345678906, -5.930012345678906",
    "0.4111111111111111 and 51.4111111111111111",
    "550e8400-e29b-41d4-4716-446655440000",
    "41111111111111111111",
    "https://example.test/a/1764309794123",
)


@pytest.mark.parametrize("text", NO_CARDS)
def test_what_is_none(text: str) -> None:
    assert [text[c.start : c.end] for c in cards.find(text)] == []


def _phone(r: random.Random) -> str:
    return r.choice(
        (
            f"+44 28 {r.randrange(10**4):04} {r.randrange(10**4):04}",
            f"+254 7{r.randrange(10**8):08}",
            f"(787) {r.randrange(10**3):03}-{r.randrange(10**4):04}",
            f"0{r.randrange(10**10):010}",
            f"001{r.randrange(10**10):010}",
            f"+61 4{r.randrange(10):01} {r.randrange(10**4):04} {r.randrange(10**4):04}",
        )
    )


def _imei(r: random.Random) -> str:
    body = r.choice(("35", "86", "01", "99")) + f"{r.randrange(10**12):012}"
    return next(body + last for last in "0123456789" if issuers.luhn(body + last))


def _moment(r: random.Random) -> datetime:
    return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=r.randrange(25 * 10**7))


def _iban(r: random.Random) -> str:
    body = f"{r.randrange(10**18):018}"
    check = 98 - int(body + "131400") % 97  # "DE00" turned to the end
    whole = f"DE{check:02}{body}"
    return r.choice((whole, " ".join(whole[at : at + 4] for at in range(0, 22, 4))))


def _tracking(r: random.Random) -> str:
    return f"{_moment(r):%y%m%d}0{r.choice(('04', '05', '03'))}0{r.randrange(10**6):06}"


CORPUS: dict[str, Callable[[random.Random], str]] = {
    "telephone numbers": _phone,
    "IMEI": _imei,
    "IBAN": _iban,
    "moments": lambda r: _moment(r).isoformat(sep=" ", timespec="microseconds"),
    "moments without signs": lambda r: f"{_moment(r):%Y%m%d%H%M%S}",
    "milliseconds": lambda r: str(int(_moment(r).timestamp() * 1000)),
    "cases": lambda r: f"INC{r.randrange(10**7):07}, #{r.randrange(10**6)}",
    "cases of a vendor": _tracking,
    "identifiers": lambda r: str(uuid.UUID(int=r.getrandbits(128))),
    "places": lambda r: f"{r.uniform(-90, 90)!r}, {r.uniform(-180, 180)!r}",
    "addresses": lambda r: ".".join(str(r.randrange(256)) for _ in range(4)),
    "digests": lambda r: f"{r.getrandbits(256):064x}",
}


@pytest.mark.parametrize("kind", CORPUS)
def test_how_often_something_else_is_taken_for_one(kind: str) -> None:
    """Of 5,000 lines of each kind, at most one in a thousand."""
    r = random.Random(f"cards {kind}")
    lines = [f"Call about {CORPUS[kind](r)} please" for _ in range(5_000)]
    wrong = [line for line in lines if cards.there(line)]
    assert len(wrong) <= 5, wrong[:5]


def test_one_in_ten_of_what_only_begins_like_one_fits_its_check_digit() -> None:
    """What is left to chance: 16 digits in one piece that begin with an issuer's."""
    r = random.Random("by chance")
    found = sum(cards.there(f"{r.randrange(4 * 10**15, 5 * 10**15)}") for _ in range(5_000))
    assert 400 < found < 600


def test_time_grows_with_the_text_and_no_faster() -> None:
    """Also where it is made for it: digits that might always still become one."""
    r = random.Random("long")
    made = "".join(r.choice("456") for _ in range(200_000))
    for text in (" ".join(made), made, " ".join(made[at : at + 4] for at in range(0, 200_000, 4))):
        short = min(_seconds(text[: len(text) // 8]) for _ in range(3))
        long = min(_seconds(text) for _ in range(3))
        assert long < 8 * short * 4 + 0.05  # eight times the text; growth with its square is 64


def _seconds(text: str) -> float:
    started = time.perf_counter()
    cards.find(text)
    return time.perf_counter() - started
