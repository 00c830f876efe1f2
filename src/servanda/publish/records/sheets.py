"""What each law wants in a record of processing, made from the policy and from nothing else.

* GDPR art. 30(1): what we decide about. Art. 30(2): what we do for others, with each of them named;
  it asks for no purposes, no people and no periods, so none are given.
* Jamaica, Data Protection Act 2020 s.16(2): the particulars of registration.
* Kenya, Data Protection Act 2019 s.19(2): the same, once as controller and once as processor, and
  the retention schedule of the General Regulations.

What the policy does not know is not guessed: the cell says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from servanda.law.notices import places
from servanda.policy.rules import Activity, Named, Policy, Recipient
from servanda.policy.transfers import same_area
from servanda.policy.vocabulary import country_of
from servanda.publish.policy.keeping import kept
from servanda.publish.policy.making import Making
from servanda.publish.policy.parts.sharing import protection
from servanda.publish.policy.words import Wording, title
from servanda.publish.records.model import Sheet

UNKNOWN = "not in policy.yaml; add it here"
OURS = ("controller", "joint_controller")


def sheets(policy: Policy, today: date, customers: Sequence[str] = ()) -> tuple[Sheet, ...]:
    """Every record that the policy's laws ask for. `customers`: whom we act for, by name."""
    making = Making(policy, today, None, Wording(events=dict(policy.events)))
    where = places(policy, today)
    ours = [each for each in policy.activities if each.role in OURS]
    theirs = [each for each in policy.activities if each.role == "processor"]
    found = []
    if ours:
        found.append(_controller(making, ours))
    if theirs:
        found.append(_processor(making, theirs, customers))
    if "JM" in where:
        found.append(_jamaica(making))
    if "KE" in where:
        found += [_kenya(making, "controller", ours)] if ours else []
        found += [_kenya(making, "processor", theirs)] if theirs else []
        found.append(_schedule(making))
    return tuple(found)


def _controller(making: Making, activities: Sequence[Activity]) -> Sheet:
    joint = [r.name for r in making.policy.recipients if r.kind == "joint_controller"]
    rows = tuple(
        (
            title(each.id),
            making.terms("purpose", each.purposes),
            making.terms("subject", each.subjects),
            making.terms("data", each.data),
            _recipients(making, each),
            _transfers(making, each.recipients),
            " ".join(kept(each, making.wording)),
            _measures(making),
        )
        for each in activities
    )
    return Sheet(
        "controller",
        "Record of processing, as controller",
        "GDPR and UK GDPR art. 30(1)",
        (*_us(making, "Controller"), ("Joint controllers", ", ".join(joint) or "none")),
        (
            *("Processing", "Purposes (b)", "Categories of people (c)", "Categories of data (c)"),
            *("Recipients (d)", "Transfers abroad, and safeguards (e)"),
            *("Time limits for erasure (f)", "Security measures (g)"),
        ),
        rows,
    )


def _processor(making: Making, activities: Sequence[Activity], customers: Sequence[str]) -> Sheet:
    rows = tuple(
        (customer, title(each.id), _transfers(making, each.recipients), _measures(making))
        for customer in customers or (UNKNOWN,)
        for each in activities
    )
    return Sheet(
        "processor",
        "Record of processing, as processor",
        "GDPR and UK GDPR art. 30(2)",
        _us(making, "Processor"),
        (
            *("On behalf of (a)", "Category of processing (b)"),
            *("Transfers abroad, and safeguards (c)", "Security measures (d)"),
        ),
        rows,
    )


def _jamaica(making: Making) -> Sheet:
    policy = making.policy
    by_place = dict(policy.representatives)
    representative = by_place.get("JM")
    every = policy.activities
    abroad = {r.country for r in policy.recipients if _abroad(policy, r)}
    rows = (
        (
            "(a) Controller",
            "; ".join(filter(None, (policy.organisation, policy.address, policy.contact))),
        ),
        ("(b) Representative", _named(representative) if representative else "none"),
        ("(c) Data protection officer", _officer(policy)),
        (
            "(d) Data, and categories of people",
            f"{making.terms('data', _of(every, 'data'))}; about: "
            f"{making.terms('subject', _of(every, 'subjects'))}",
        ),
        ("(e) Purposes", making.terms("purpose", _of(every, "purposes"))),
        ("(f) Recipients", ", ".join(r.name for r in policy.recipients) or "none"),
        (
            "(g) States outside Jamaica",
            ", ".join(sorted(making.wording.place(each) for each in abroad)) or "none",
        ),
        ("(h) Whether a public authority", UNKNOWN),
        ("(i) Anything else that is prescribed", UNKNOWN),
        ("Security measures (s.30)", _measures(making)),
    )
    return Sheet(
        "jamaica",
        "Particulars of registration, Jamaica",
        "Data Protection Act 2020 s.16(2), s.30",
        _us(making, "Controller"),
        ("Particular", "What we say"),
        rows,
    )


def _kenya(making: Making, role: str, activities: Sequence[Activity]) -> Sheet:
    rows = tuple(
        (
            title(each.id),
            making.terms("data", each.data),
            making.terms("purpose", each.purposes),
            making.terms("subject", each.subjects),
            UNKNOWN,
            _measures(making),
            UNKNOWN,
        )
        for each in activities
    )
    return Sheet(
        f"kenya-{role}",
        f"Particulars of registration, Kenya, as {role}",
        "Data Protection Act 2019 s.19(2)",
        _us(making, role.capitalize()),
        (
            *("Processing", "Description of the data", "Purposes", "Categories of people"),
            *("Risks", "Safeguards and security measures", "Measures to indemnify people"),
        ),
        rows,
    )


def _schedule(making: Making) -> Sheet:
    rows = tuple(
        (
            title(each.id),
            making.terms("purpose", each.purposes),
            " ".join(kept(each, making.wording)),
            "with each scheduled run",
            _outcomes(making, each),
        )
        for each in making.policy.activities
    )
    return Sheet(
        "kenya-retention",
        "Retention schedule, Kenya",
        "General Regulations 2021 reg. 19",
        _us(making, "Kept by"),
        ("Data of", "Purpose", "Period", "Audit", "What happens after it"),
        rows,
    )


def _us(making: Making, role: str) -> tuple[tuple[str, str], ...]:
    policy = making.policy
    told = (
        (role, policy.organisation),
        ("Address", policy.address),
        ("Contact", ", ".join(filter(None, (policy.contact, policy.phone)))),
        *(
            (f"Representative ({making.wording.place(code)})", _named(each))
            for code, each in policy.representatives
        ),
        ("Data protection officer", _officer(policy)),
        *(
            (f"Registration ({making.wording.place(code)})", number)
            for code, number in policy.registrations
        ),
        ("As of", making.today.isoformat()),
    )
    return tuple((name, said) for name, said in told if said)


def _officer(policy: Policy) -> str:
    return _named(policy.officer) if policy.officer else "none named"


def _named(each: Named) -> str:
    return f"{each.name}, {each.contact}"


def _recipients(making: Making, activity: Activity) -> str:
    by_id = {each.id: each for each in making.policy.recipients}
    told = (
        f"{by_id[each].name} ({making.wording.term('recipient', by_id[each].kind)})"
        for each in activity.recipients
        if each in by_id
    )
    return ", ".join(told) or "none"


def _transfers(making: Making, ids: Iterable[str]) -> str:
    by_id = {each.id: each for each in making.policy.recipients}
    told = (
        f"{making.wording.place(r.country)} ({r.name}: {protection(making, r)})"
        for r in (by_id[each] for each in ids if each in by_id)
        if _abroad(making.policy, r)
    )
    return ", ".join(told) or "none"


def _abroad(policy: Policy, each: Recipient) -> bool:
    home, there = country_of(policy.country), country_of(each.country)
    return home is not None and there is not None and not same_area(home, there)


def _measures(making: Making) -> str:
    return " ".join(making.policy.security) or UNKNOWN


def _outcomes(making: Making, each: Activity) -> str:
    if each.retention is None or not each.retention.ceilings:
        return "it stays"
    said = dict.fromkeys(making.wording.outcome(rule.outcome) for rule in each.retention.ceilings)
    return ", ".join(said)


def _of(activities: Iterable[Activity], name: str) -> list[str]:
    return list(dict.fromkeys(one for each in activities for one in getattr(each, name)))
