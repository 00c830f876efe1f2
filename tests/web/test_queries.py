"""No page asks the database more often because there is more in it.

Each page is asked for with some of everything, and with four times as much: the same count.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from math import ceil, log2

from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from servanda.ledger import proofs
from servanda.runtime.workspace import Workspace
from tests.web.whole.browsers import browsers
from tests.web.whole.filled import Filled
from tests.web.whole.samples import Sample, samples

_READS = ("SELECT", "WITH")
_ONCE = (
    *("mfa_authenticate", "mfa_view_recovery_codes", "mfa_download_recovery_codes"),
    "evidence-bundle-file",
)
"""What is not there a second time: about one member's factors, or a file as it lies on disk."""
_PROOFS = ("evidence-entry", "evidence-proof", "evidence-consistency", "consent-receipt-file")
"""A proof names one subtree for each doubling of the ledger, which is what makes it short."""


@dataclass
class Asked:
    """Statements that read. Writing evidence takes one more statement now and then, by design:
    when a subtree of the ledger is complete."""

    statements: list[str] = field(default_factory=list)


@contextmanager
def _counted() -> Iterator[Asked]:
    found = Asked()
    with ExitStack() as stack:
        every = [stack.enter_context(CaptureQueriesContext(each)) for each in connections.all()]
        yield found
    found.statements = [
        each["sql"]
        for captured in every
        for each in captured.captured_queries
        if each["sql"].startswith(_READS)
    ]


def _look(client: Client, sample: Sample) -> list[str]:
    """What a page asks once it was looked at: the first look warms what is kept between looks."""
    for _ in range(2):
        with _counted() as found:
            answer = client.get(sample.path, follow=True)
            if answer.streaming:
                answer.close()
        assert answer.status_code == sample.status, (sample, answer.status_code)
    return found.statements


def _all(found: list[Sample], by: dict[str, Client]) -> dict[Sample, list[str]]:
    return {each: _look(by[each.who], each) for each in found}


def test_no_page_asks_more_often_when_there_is_more(site: Workspace) -> None:
    filled = Filled.of(site, 2)
    known = browsers(filled)
    found = [each for each in samples(filled, known) if each.name not in _ONCE]
    _all(found, known.by)  # visits begin, and what is kept between looks is kept
    before, size = _all(found, known.by), proofs.size()
    assert sum(map(len, before.values())) > 500, "nothing was counted"
    filled.more(6)
    after, doublings = _all(found, known.by), ceil(log2(proofs.size() / size))
    grew = {
        each: (len(before[each]), len(after[each]))
        for each in found
        if len(after[each]) > len(before[each]) + 2 * doublings * (each.name in _PROOFS)
    }
    told = "\n".join(
        f"{each.shot} {counts}: " + " | ".join(_new(before[each], after[each]))
        for each, counts in grew.items()
    )
    assert not grew, told


def _new(before: list[str], after: list[str]) -> list[str]:
    """The statements there are more of, for whoever has to mend it."""
    shapes = [each[:150] for each in before]
    more = []
    for each in after:
        shape = each[:150]
        if shape in shapes:
            shapes.remove(shape)
        else:
            more.append(shape)
    return more[:3]
