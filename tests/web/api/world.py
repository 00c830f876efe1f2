"""Something of everything, so that calls find what they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from servanda.desk import enquiries, holds, incidents
from servanda.desk.contacts import Details
from servanda.desk.requests import identity
from servanda.runtime import customers, plans
from servanda.runtime.workspace import Workspace

ANN = (("email", "ann@example.test"), ("phone", "02890000001"))
BOB = (("email", "bob@example.test"), ("phone", "02890000002"))
PEOPLE = ("ann@", "bob@", "Ann", "Bob", "Nuala", "nuala@", "Carol", "0000001", "0000002")


@dataclass(frozen=True, slots=True)
class Filled:
    requests: tuple[int, int]
    enquiry: int
    hold: str
    incident: int
    customer: int
    contact: int
    plan: str


def filled(site: Workspace) -> Filled:
    """Two requests (Ann's is decided, Bob's is new), and one of whatever else there is."""
    ann, bob = opened(site, ANN), opened(site, BOB, "access")
    identity.seen(site.desk.book, str(ann), "passport", by="member 900")
    site.desk.decide(str(ann), "act", by="member 900")
    enquiry = enquiries.receive(name="Nuala Boyd", email="nuala@visitor.test", message="What now?")
    hold = holds.add_person(site.master, [("email", "cid@example.test")], reason="a case", by="x")
    incident = incidents.open_(
        site.master,
        kind="loss",
        severity="low",
        noticed_at=datetime.now(UTC),
        summary="A telephone was left in a taxi.",
        personal=True,
        by="x",
    )
    contacts = customers.contacts(site)
    customer = contacts.add_customer("Harbour Ltd")
    carol = Details("Carol Speaker", "owner", "028 9000 0055", "carol@harbour.test")
    contact = contacts.add(customer, carol, by="x", codeword="green lantern")
    plan = plans.make(site, datetime.now(UTC))
    plans.write(site, plan)
    site.checkpoint()
    return Filled((ann, bob), enquiry, hold, incident, customer.pk, contact, plan.digest)


def opened(site: Workspace, who: tuple[tuple[str, str], ...], right: str = "erasure") -> int:
    today = site.desk.book.today()
    return int(site.desk.new(right, who, received=today, via="post", by="x", place="GB"))
