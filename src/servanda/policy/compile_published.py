"""The compiled form of what the published text, the banner and the gates need."""

from __future__ import annotations

from typing import TypedDict

from servanda.kernel.period import Period
from servanda.policy.document import PolicyDoc
from servanda.policy.published import SESSION, ChangesDoc, ContactDoc
from servanda.policy.rules import Banner, Changes, Cookie, Field, Form, Message, Named


class Published(TypedDict):
    """The keys of `rules.Policy` that are made here."""

    address: str
    phone: str
    officer: Named | None
    representatives: tuple[tuple[str, Named], ...]
    registrations: tuple[tuple[str, str], ...]
    cookies: tuple[Cookie, ...]
    banner: Banner | None
    forms: tuple[Form, ...]
    messages: tuple[Message, ...]
    children_below: int | None
    security: tuple[str, ...]
    changes: Changes | None


def published(doc: PolicyDoc) -> Published:
    us = doc.organisation
    banner = doc.banner
    return {
        "address": _said(us.address),
        "phone": us.phone,
        "officer": _named(us.officer) if us.officer else None,
        "representatives": tuple((k, _named(v)) for k, v in us.representatives.items()),
        "registrations": tuple(us.registrations.items()),
        "cookies": tuple(
            Cookie(
                name,
                each.category,
                _said(each.purpose),
                None if each.lasts == SESSION else Period.parse(each.lasts),
                each.by or "",
                tuple(each.hosts),
            )
            for name, each in doc.cookies.items()
        ),
        "banner": Banner(tuple(banner.sites), Period.parse(banner.asks_again)) if banner else None,
        "forms": tuple(
            Form(
                name,
                each.activity,
                tuple(Field(k, f.holds, f.required, f.free) for k, f in each.fields.items()),
                each.third_party,
                each.asks_age,
            )
            for name, each in doc.forms.items()
        ),
        "messages": tuple(
            Message(name, each.kind, each.purpose, _said(each.says))
            for name, each in doc.messages.items()
        ),
        "children_below": doc.children.below if doc.children else None,
        "security": tuple(_said(each) for each in doc.security),
        "changes": _changes(doc.changes) if doc.changes else None,
    }


def _changes(doc: ChangesDoc) -> Changes:
    return Changes(
        Period.parse(doc.review) if doc.review else None,
        Period.parse(doc.notice),
        tuple(doc.tell),
        doc.consent,
        Period.parse(doc.objection) if doc.objection else None,
    )


def _named(doc: ContactDoc) -> Named:
    return Named(doc.name, doc.contact)


def _said(text: str) -> str:
    return " ".join(text.split())
