"""A workspace in which there is some of everything, so that every page has something to show.

    filled = Filled.of(site)     # members of each role, and a few of each kind of row
    filled.more(3)               # three more of each kind

What pages read is made by the functions that make it in earnest: nothing is written past them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from servanda.desk import access, enquiries, holds, incidents, invitations, tokens, webhooks
from servanda.desk.callers import codeword, unknown
from servanda.desk.consents import Act, person, record
from servanda.desk.contacts import Details
from servanda.desk.portal import links
from servanda.desk.requests import identity, outbox
from servanda.desk.requests.arriving import receive
from servanda.desk.roles import Role
from servanda.runtime import customers, editing, editions, hub, jobs, planning, plans, standing
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member
from tests.desk.requests.mails import eml
from tests.web.console import publishing
from tests.web.look.test_pages import swept
from tests.web.plans.conftest import fill
from tests.web.requests.tenants import with_tenants
from tests.web.world import factor

_NAMES = ("Nuala Boyd", "Rory Gault", "Sinead Quigg", "Conor Daly", "Orla Magee", "Fergal Kane")
_RIGHTS = ("access", "access", "erasure", "object", "access", "erasure")
_CONSENTS = "consents: {support: {point: the form, channels: [email, phone]}}\n"
PASSWORD = "correct horse battery staple"


@dataclass
class Filled:
    """`members`: by role. `refs`: requests of one more of each kind, the first ones first: one that
    waits for its sender, a new one, a decided erasure, a verified objection, a decided access, and
    one that was withdrawn."""

    site: Workspace
    members: dict[str, Member] = field(default_factory=dict)
    refs: list[str] = field(default_factory=list)
    made: int = 0
    ids: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, site: Workspace, rows: int = 1) -> Filled:
        found = cls(with_tenants(site))
        found.published()
        for role in Role:
            name = f"{role.label.title()} Example"
            tenant = "acme" if role is Role.CUSTOMER else ""
            found.members[role.value] = found.member(role.value, name, tenant)
        swept(found.site)
        found.more(rows)
        return found

    def published(self) -> None:
        """Two versions of the policy; the second is told, and waits for customers' objections."""
        publishing.ready()
        publishing.change(lambda text: text + _CONSENTS)
        publishing.first()
        publishing.add_cloud(self.site.folder)
        editions.publish(hub.workspace(), by="member 1", material=True)
        self.site = hub.workspace()
        agreed = Act(person(("email", "kim@example.test")), {"support": {"email": True}}, "form")
        self.ids["consent"] = record(self.site.desk.book, agreed).id

    @property
    def lead(self) -> Member:
        return self.members["privacy_lead"]

    @property
    def by(self) -> str:
        return self.lead.by

    def member(self, mailbox: str, name: str, tenant: str = "") -> Member:
        role = mailbox if mailbox in tuple(Role) else "support"
        made = Member.objects.create_user(
            f"{mailbox}@firm.test", PASSWORD, name=name, role=role, tenant=tenant
        )
        factor(made)
        return made

    def reads(self, member: Member, *scopes: str) -> None:
        """Purposes stated, so that pages show what they show after that."""
        reader = access.Reader(member.by, member.role)
        for scope in scopes:
            access.begin(reader, "rights", scope, policy=self.site.policy, lasts=timedelta(hours=1))

    def more(self, rows: int) -> None:
        for n in range(self.made, self.made + rows):
            self._people(n)
            self._requests(n)
            self._desk(n)
            self._plan(n)
            self._settings(n)
            self.made += 1
        outbox.deliver(self.site.desk.book)
        for kind, about in (
            *(("look", "stores"), ("forecast", "forecast")),
            *(("verify", "evidence"), ("bundle", "evidence")),
        ):
            self._job(kind, about)

    def forgotten(self, member: Member) -> tuple[str, str]:
        """The two parts of the link that a member gets who forgot the password."""
        from allauth.account.forms import default_token_generator
        from allauth.account.utils import user_pk_to_url_str

        return user_pk_to_url_str(member), default_token_generator.make_token(member)

    def worked(self) -> None:
        while jobs.work(hub.workspace(), threading.Event()):
            pass

    # ── what there is some of ─────────────────────────────────────────────────────────────────

    def _people(self, n: int) -> None:
        made = self.member(f"colleague-{n}", _NAMES[n % len(_NAMES)])
        who = f"guest-{n}@firm.test"
        invitations.invite(who, f"Guest {n}", "auditor", by=self.members["owner"].by)
        tokens.make(f"Dashboard {n}", ["board"], 30, by=made.by, role="owner")
        webhooks.add(
            f"https://hooks.example/{n}", ["run.ended"], by=made.by, master=self.site.master
        )

    def _requests(self, n: int) -> None:
        """Of a client, in six states; each read by the lead."""
        desk, today = self.site.desk, self.site.desk.book.today()
        client = (("email", "bob@example.test"), ("phone", "02890000002"))
        told = "I would like to know what you hold. " * 3
        for place, right in enumerate(_RIGHTS):
            ref = desk.new(
                right,
                client,
                received=today - timedelta(days=3 + place),
                via="post",
                by=self.by,
                name="Robert Bell",
                text=told,
                contact="bob@example.test",
            )
            self.refs.append(ref)
            links.make(desk.book, ref)
            self.reads(self.lead, f"request:{ref}")
            if place == 0:
                desk.event(ref, "scope_asked", today, by=self.by, note="Which years?")
                continue
            if place == 1:
                continue
            identity.seen(desk.book, ref, "passport", by=self.by, note="It fits.")
            if place in (2, 4):
                desk.decide(ref, "act", by=self.by)
            if place == 3:
                desk.keep_letter(ref, "acknowledgement", b"We have your request.")
            if place == 5:
                desk.cancel(ref, by=self.by)
        self.ids["own request"] = desk.new(
            "erasure", client, received=today, via="post", by=self.by, tenant="acme"
        )

    def _desk(self, n: int) -> None:
        site, now, name = self.site, datetime.now(UTC), _NAMES[n % len(_NAMES)]
        for place in range(2):
            id_ = enquiries.receive(
                name=name, email=f"v{n}-{place}@visitor.test", message="What does a backup cost?"
            )
            self.reads(self.lead, f"enquiry:{id_}")
        self.ids["enquiry"] = id_
        enquiries.answer(site.desk.book, id_, "It depends. Shall we call you?", by=self.by)
        closed = enquiries.receive(name=name, email=f"c{n}@visitor.test", message="Hello?")
        enquiries.close(closed, by=self.by)
        receive(
            site.desk.book,
            eml(f"{name} <mail-{n}@example.test>", "My data", "Please erase it", message=f"m{n}"),
            now,
            now=now,
        )
        hold = holds.add_person(
            site.master, [("email", f"held-{n}@example.test")], reason="A dispute.", by=self.by
        )
        over = holds.add_record(site.master, "crm.clients", [4], reason="An audit.", by=self.by)
        holds.release(over, by=self.by, reason="It has ended.")
        self.ids |= {"hold": hold, "released hold": over}
        for kind, severity in (("loss", "high"), ("outage", "low")):
            found = incidents.open_(
                site.master,
                kind=kind,
                severity=severity,
                noticed_at=now - timedelta(hours=2),
                summary=f"A laptop was left on the train to Bangor ({n}).",
                personal=kind == "loss",
                by=self.by,
            )
            self.ids["incident" if severity == "high" else "closed incident"] = found
            incidents.add(site.master, found, "investigating", note="We look.", by=self.by)
        incidents.close(site.master, found, "resolved", note="It runs again.", by=self.by)
        known = customers.contacts(site)
        customer = known.customers([("acme", "Acme"), ("beta", "Beta")])[0]
        phone = f"028 9018 {1000 + n}"
        details = Details(f"{name} {n}", "Office manager", phone, f"o{n}@acme.test", "The owner")
        contact = known.add(customer, details, by=self.by, codeword="grey heron")
        unknown(customer, by=self.by)
        assert codeword(known, customer, contact, "grey heron", by=self.by)
        known.add_customer(f"Harbour Dental {n}")

    def _plan(self, n: int) -> None:
        """A plan that is made and run: a call of Bob's that is too old goes."""
        fill(self.site.folder, [900 + 2 * n])
        self._job("plan", "plan")
        plan = plans.newest(hub.workspace(), 1)[0]
        count = standing.count(plan)
        assert count > 0
        planning.ask_apply(hub.workspace(), plan, by=self.by, confirm=str(count))
        self.worked()
        fill(self.site.folder, [901 + 2 * n])
        self._job("plan", "plan")  # one that nobody ran yet

    def _settings(self, n: int) -> None:
        """One more version of the policy that is in force."""
        workspace = hub.workspace()
        there = editing.present(workspace, "policy.yaml")
        text = f"{there.text}# Looked through, {n}.\n"
        editing.save(workspace, "policy.yaml", text, base=there.digest, by=self.by, note="Looked")

    def _job(self, kind: str, about: str) -> None:
        jobs.ask(kind, {}, about=about, by=self.by)
        self.worked()
