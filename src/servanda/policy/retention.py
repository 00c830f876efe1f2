"""Checks of one activity's ceilings and floors against each other."""

from __future__ import annotations

from collections.abc import Sequence

from servanda.kernel.located import Findings, Where
from servanda.kernel.period import Period
from servanda.policy.document import ActivityDoc, FloorDoc, RetainDoc
from servanda.policy.vocabulary import covers

MAX_FLOORS = 4  # a plan makes one redaction step for each non-empty subset of the floors

Rules = Sequence[tuple[Where, RetainDoc]]


def check_retention(name: str, activity: ActivityDoc, rules: Rules, findings: Findings) -> None:
    base: Where = ("activities", name, "retain")
    for suffix, rule in rules:
        _check_complete(rule, findings, (*base, *suffix))
    _check_forever(rules, findings, base)
    floors = [
        ((*base, *suffix, "at_least", index), floor)
        for suffix, rule in rules
        for index, floor in enumerate(rule.at_least)
    ]
    if len(floors) > MAX_FLOORS:
        findings.error(
            floors[MAX_FLOORS][0],
            "too-many-floors",
            f"the activity has {len(floors)} floors; at most {MAX_FLOORS} can be kept apart",
            "split the activity",
        )
    for where, floor in floors:
        _check_covers(activity, floor, findings, where)
        for _, rule in rules:
            _check_against(activity, floor, rule, findings, where)


def _check_complete(rule: RetainDoc, findings: Findings, where: Where) -> None:
    if rule.at_most is None:
        for key, value in (("after", rule.after), ("then", rule.then), ("unless", rule.unless)):
            if value is not None:
                findings.error(
                    (*where, key),
                    "retain-incomplete",
                    f"`{key}` belongs to a ceiling, but there is none",
                    "add `at_most:`",
                    key=True,
                )
        if not rule.model_fields_set:
            findings.error(
                where,
                "retain-incomplete",
                "the rule says nothing",
                "add `at_most` with `after` and `then`, or `forever:` with the reason",
            )
        return
    for key, value in (("after", rule.after), ("then", rule.then)):
        if value is None:
            findings.error(
                (*where, "at_most"),
                "retain-incomplete",
                f"the ceiling has no `{key}`",
                "add `after:` (an event) and `then:` (delete, anonymise, archive or return)",
                key=True,
            )


def _check_forever(rules: Rules, findings: Findings, base: Where) -> None:
    forever = [(*base, *suffix) for suffix, rule in rules if rule.forever is not None]
    ceilings = [suffix for suffix, rule in rules if rule.at_most is not None]
    if forever and (ceilings or len(forever) > 1):
        findings.error(
            (*forever[-1], "forever"),
            "forever-and-ceiling",
            "`forever` stands beside another rule of the same activity",
            "keep one of them, or split the activity",
            key=True,
        )
    only_floors = any(rule.at_least for _, rule in rules)
    if not forever and not ceilings and (only_floors or not rules):
        findings.error(
            base,
            "activity-without-retention",
            "the activity has no ceiling",
            "add `at_most`, or `forever:` with the reason",
        )


def _check_covers(activity: ActivityDoc, floor: FloorDoc, findings: Findings, where: Where) -> None:
    for index, category in enumerate(floor.covers):
        if not any(covers(category, each) or covers(each, category) for each in activity.data):
            findings.error(
                (*where, "covers", index),
                "covers-nothing",
                f'the floor covers "{category}", which the activity does not hold',
                "add it to `data`, or take it out",
            )


def _check_against(
    activity: ActivityDoc, floor: FloorDoc, rule: RetainDoc, findings: Findings, where: Where
) -> None:
    """A floor must not end after a ceiling on the same data, unless the policy says so."""
    if rule.at_most is None or floor.published_exception is not None:
        return
    ceiling, least = Period.parse(rule.at_most), Period.parse(floor.period)
    what = f"kept at least {least} after {floor.after}, yet at most {ceiling} after {rule.after}"
    if rule.after == floor.after:
        if not ceiling.at_least_as_long_as(least):
            findings.error(
                where,
                "floor-beyond-ceiling",
                what,
                "shorten the floor, raise the ceiling, or publish the exception in "
                "`published_exception`",
            )
    else:
        findings.warning(
            where,
            "floor-may-outlast-ceiling",
            f"{what}: what the floor covers may be kept beyond the ceiling",
            "if that is meant, say so in `published_exception`",
        )
