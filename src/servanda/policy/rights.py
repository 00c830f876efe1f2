"""Does what the policy promises of rights stand beside the law of its jurisdictions?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from servanda import law
from servanda.kernel.located import Findings, Where
from servanda.kernel.period import Period
from servanda.law.days import later
from servanda.law.facts import Deadline
from servanda.policy import vocabulary
from servanda.policy.document import PolicyDoc, RightDoc


def check_rights(doc: PolicyDoc, findings: Findings, today: str) -> None:
    """Warnings: a jurisdiction without a law here, and a promise that comes after a law."""
    places = list(_places(doc, findings))
    for name, promised in doc.rights.items():
        _check_period(name, promised, places, findings, date.fromisoformat(today))


def promised_by(period: Period, received: date) -> date:
    """The last day of a promised period; the day of arrival does not count."""
    start = datetime(received.year, received.month, received.day, tzinfo=UTC)
    return period.after(start, UTC).date()


def _places(doc: PolicyDoc, findings: Findings) -> Iterator[law.Place]:
    written: list[tuple[Where, str]] = [
        (("jurisdictions", index), code) for index, code in enumerate(doc.jurisdictions)
    ]
    if doc.rights and not written:
        written = [(("organisation", "country"), doc.organisation.country)]
    for where, code in written:
        place = law.near(code)
        if place is not None:
            yield place
            continue
        country = vocabulary.country_of(code)
        findings.warning(
            where,
            "law-unknown",
            f"no law of {country.name if country else code} is known here: dates of requests "
            "follow from what is promised alone",
            "say `answer_within` for each right, and have a lawyer check it",
        )


def _check_period(
    name: str, promised: RightDoc, places: list[law.Place], findings: Findings, today: date
) -> None:
    if promised.answer_within is None or promised.law_sooner is not None:
        return
    period = Period.parse(promised.answer_within)
    for place in places:
        rule = next((r for r in place.law.clocks if name in r.what and r.in_force(today)), None)
        if rule is not None and _always_later(period, rule, place, today.year):
            findings.warning(
                ("rights", name, "answer_within"),
                "promise-after-law",
                f"the law of {place.name} asks for an answer within {rule.long} ({rule.source})",
                "promise it as soon, or say `law_sooner:` with the published sentence that says so",
            )
            return


def _always_later(period: Period, rule: Deadline, place: law.Place, year: int) -> bool:
    """Whether the promise ends after the law whenever a request arrives: `30 days` is no
    later than one month, since it is not in most months."""
    starts = [date(year, month, 1) for month in range(1, 13)]
    return all(promised_by(period, day) > later(day, rule.n, rule.unit, place) for day in starts)
