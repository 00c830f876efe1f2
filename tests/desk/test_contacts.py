"""Who may speak for a customer: sealed, found again, changed on record, destroyed."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest

from servanda import state
from servanda.desk import contactlists
from servanda.desk.contacts import Details, List, current
from servanda.kernel.errors import UsageError
from servanda.ledger import history
from servanda.state.models import Contact, ContactMark, Customer

TODAY = date(2026, 11, 28)
JO = Details("Jo Doe", "head of IT", "028 9000 0011", "jo@acme.test", "the board")
KIM = Details("Kim Roe", "office", "028 9000 0012", "kim@acme.test")


@pytest.fixture
def contacts(each_state: str) -> List:
    return List(b"k" * 32, "GB")


@pytest.fixture
def acme(contacts: List) -> Customer:
    return contacts.add_customer("Acme Ltd")


def test_added_found_and_opened(contacts: List, acme: Customer) -> None:
    jo, kim = (contacts.add(acme, each, by="member 1") for each in (JO, KIM))
    assert [each.details.name for each in contacts.of(acme)] == ["Jo Doe", "Kim Roe"]
    assert contacts.get(acme, jo).details.phone == "+442890000011"
    for told in ("+44 28 90000011", "00442890000011", "jo@ACME.test", "jo  doe"):
        assert contacts.recognised(acme, told) == {jo}
    assert contacts.recognised(acme, "028 9000 0012") == {kim}
    assert contacts.recognised(acme, "028 9000 0099") == set()
    with pytest.raises(UsageError, match="already"):
        contacts.add(acme, JO, by="member 1")


def test_nothing_lies_in_the_clear(contacts: List, acme: Customer) -> None:
    jo = contacts.add(acme, JO, by="member 1", codeword="blue elephant")
    row = Contact.objects.get(id=jo)
    kept = b"".join((bytes(row.data), row.codeword.encode(), bytes(row.codeword_salt)))
    for each in (b"Jo", b"9000", b"acme.test", b"elephant", b"board"):
        assert each not in kept
    entry = history.last("contact.changed")
    assert entry is not None
    assert set(entry.data) == {"kind", "at", "v", "customer", "contact", "what", "by"}


def test_codewords(contacts: List, acme: Customer) -> None:
    jo = contacts.add(acme, JO, by="member 1", codeword="Blue  Elephant")
    kim = contacts.add(acme, KIM, by="member 1")
    assert contacts.says(acme, jo, "blue elephant") and not contacts.says(acme, jo, "elephant")
    assert not contacts.says(acme, kim, "") and not contacts.says(acme, kim, "blue elephant")
    contacts.change(acme, kim, by="member 1", codeword="blue elephant")
    one, other = Contact.objects.order_by("id")
    assert one.codeword != other.codeword  # the same word, another salt
    contacts.change(acme, jo, by="member 1", codeword="")
    assert not contacts.says(acme, jo, "blue elephant")
    with pytest.raises(UsageError):
        contacts.change(acme, jo, by="member 1", codeword="abc")


def test_dates(contacts: List, acme: Customer) -> None:
    day = timedelta(days=1)
    contacts.add(acme, JO, by="member 1", since=TODAY, until=TODAY + day)
    (jo,) = contacts.of(acme)
    spoken = [bool(current([jo], TODAY + n * day)) for n in (-1, 0, 1, 2)]
    assert spoken == [False, True, True, False]
    with pytest.raises(UsageError):
        contacts.add(acme, KIM, by="member 1", since=TODAY, until=TODAY - day)


def test_taken_off(contacts: List, acme: Customer) -> None:
    jo, kim = (contacts.add(acme, each, by="member 1") for each in (JO, KIM))
    sealed = bytes(Contact.objects.get(id=jo).data)
    contacts.remove(acme, jo, by="member 1")
    row = Contact.objects.get(id=jo)
    assert sealed and not bytes(row.data) and not bytes(row.wrapped)
    assert not ContactMark.objects.filter(contact_id=jo).exists()
    assert [each.id for each in contacts.of(acme)] == [kim]
    assert contacts.recognised(acme, JO.phone) == set()
    with pytest.raises(UsageError):
        contacts.get(acme, jo)


def test_of_another_customer_is_nobody(contacts: List, acme: Customer) -> None:
    jo = contacts.add(acme, JO, by="member 1", codeword="blue elephant")
    beta = contacts.add_customer("Beta Ltd")
    assert contacts.of(beta) == [] and contacts.recognised(beta, JO.phone) == set()
    for deed in (
        lambda: contacts.get(beta, jo),
        lambda: contacts.says(beta, jo, "blue elephant"),
        lambda: contacts.remove(beta, jo, by="member 1"),
        lambda: contacts.change(beta, jo, by="member 1", codeword="other word"),
    ):
        with pytest.raises(UsageError):
            deed()
    assert contacts.says(acme, jo, "blue elephant")


def test_customers_of_the_stores(contacts: List, acme: Customer) -> None:
    known = contacts.customers([("a1", "Acme Ltd"), ("b1", ""), ("c1", "Cee")])
    assert [(each.name, each.tenant) for each in known] == [
        ("Acme Ltd", "a1"),
        ("b1", "b1"),
        ("Cee", "c1"),
    ]
    assert known[0].id == acme.id
    assert len(contacts.customers([("a1", "Acme Ltd"), ("c2", "Cee")])) == 4
    assert Customer.objects.get(tenant="c2").name == "Cee (c2)"


def test_from_a_file(contacts: List, acme: Customer) -> None:
    head = "name,role,phone,email,codeword,since\n"
    rows = (
        'Jo Doe,IT,028 9000 0011,jo@acme.test,,2026-01-01\n"Roe, Kim",,,kim@acme.test,blue moon,\n'
    )
    done = contactlists.read(contacts, acme, (head + rows).encode(), by="member 1")
    assert (done.added, done.known) == (2, 0)
    assert [each.details.name for each in contacts.of(acme)] == ["Jo Doe", "Roe, Kim"]
    again = contactlists.read(contacts, acme, b"\xef\xbb\xbf" + (head + rows).encode(), by="me")
    assert (again.added, again.known) == (0, 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,phone\nLee,028 9000 0013\nMay,nonsense\n", "line 3: that is not a telephone number"),
        ("name,since\nLee,yesterday\n", "line 2: a date is not one"),
        ("name,role\nLee\n", "line 2: it has not as many cells"),
        ("nam\nLee\n", "the first line must name the columns"),
        ("", "the first line must name the columns"),
    ],
)
def test_a_wrong_file_imports_nothing(contacts: List, acme: Customer, text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        contactlists.read(contacts, acme, text.encode(), by="member 1")
    assert contacts.of(acme) == []


def test_nobody_waits_while_codewords_are_hashed(
    contacts: List, acme: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second writer gets in during each of them: no lock is held meanwhile."""
    other = contacts.add_customer("Other Ltd")
    written: list[int] = []
    slow = List._hash

    def write() -> None:
        try:
            written.append(contacts.add(other, Details(f"Person {len(written)}"), by="member 2"))
        finally:
            state.close_thread()

    def hash_(self: List, word: str, salt: bytes) -> str:
        if word:
            second = threading.Thread(target=write)
            second.start()
            second.join(4)
            assert not second.is_alive(), "it waits for the import"
        return slow(self, word, salt)

    monkeypatch.setattr(List, "_hash", hash_)
    rows = b"name,codeword\nJo,blue elephant\nKim,\nLee,green lantern\n"
    assert contactlists.read(contacts, acme, rows, by="member 1").added == 3
    contacts.add(acme, Details("May"), by="member 1", codeword="red river")
    assert len(written) == 3 and len(contacts.of(other)) == 3
    by_name = {each.details.name: each.id for each in contacts.of(acme)}
    contacts.change(acme, by_name["Kim"], by="member 1", codeword="black forest")
    assert len(written) == 4
    monkeypatch.undo()
    for name, word in (("Jo", "blue elephant"), ("Lee", "Green Lantern"), ("Kim", "black forest")):
        assert contacts.says(acme, by_name[name], word)
    assert not contacts.says(acme, by_name["Jo"], "green lantern")
