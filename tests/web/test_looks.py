"""Every page there is, in a real browser: accessible, whole on a telephone, light, and alone.

The pages are found by walking the addresses, so one that is added without a sample fails here.
Pictures of all of them, at 1280 and at 360 px, are left in SERVANDA_ARTEFACTS (or
.pytest_artefacts) for people to look at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from servanda.runtime.workspace import Workspace
from tests.web.whole.browsers import browsers
from tests.web.whole.filled import Filled
from tests.web.whole.looker import Looker
from tests.web.whole.samples import Sample, missing, samples
from tests.web.world import Served

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]

WIDTHS = (1280, 360)
MOST_BYTES = 60_000
SHOTS = Path(os.environ.get("SERVANDA_ARTEFACTS", ".pytest_artefacts")) / "pages"


@dataclass
class Whole:
    """`cookies`: by whose they are."""

    url: str
    samples: list[Sample]
    missing: list[str]
    cookies: dict[str, dict[str, str]]


@pytest.fixture
def whole(site: Workspace) -> Iterator[Whole]:
    """The filled workspace behind a real server."""
    filled = Filled.of(site, 2)
    known = browsers(filled)
    found = samples(filled, known)
    cookies = {
        who: {name: each.value for name, each in client.cookies.items()}
        for who, client in known.by.items()
    }
    with Served(site.folder) as served:
        yield Whole(served.url, found, missing(found), cookies)


def _context(browser: Browser, whole: Whole, who: str, **more: bool) -> BrowserContext:
    context = browser.new_context(reduced_motion="reduce", **more)  # type: ignore[arg-type]
    context.add_cookies(
        [
            {"name": name, "value": value, "url": whole.url}
            for name, value in whole.cookies[who].items()
        ]
    )
    return context


def _wrong(look: Looker, sample: Sample) -> list[str]:
    """What is wrong with one page."""
    look.widen(WIDTHS[0])
    status = look.open(sample.path)
    weight = look.weight()
    found = [] if status == sample.status else [f"status {status}"]
    found += [f"the browser says {each}" for each in look.said if not sample.expects(each)]
    found += [f"refused by the content policy: {each}" for each in look.refused()]
    headings, text = look.shown()
    if len(headings) != 1 or len(text) < 20:
        found.append(f"headings {headings}, {len(text)} letters")
    if weight > MOST_BYTES or weight < 1000:
        found.append(f"{weight} bytes over the wire")
    for width in WIDTHS:
        look.widen(width)
        look.picture(SHOTS / f"{sample.shot}-{width}.png")
        found += [f"{each} at {width}" for each in (*look.violations(), *look.cut_off())]
    return found


def _plain(look: Looker, sample: Sample) -> list[str]:
    """The same page where scripts are shut off: it says what it is, and what it has."""
    look.open(sample.path)
    headings, text = look.shown()
    return [] if len(headings) == 1 and len(text) > 20 else [f"without scripts: {headings} {text}"]


def test_every_page(whole: Whole, browser: Browser) -> None:
    assert whole.missing == [], "put a sample of it into tests/web/whole/samples.py"
    pages = [each for each in whole.samples if each.kind == "page"]
    assert len(pages) > 80
    assert len({each.shot for each in pages}) == len(pages)
    SHOTS.mkdir(parents=True, exist_ok=True)
    wrong = []
    for who in {each.who: None for each in pages}:
        theirs = [each for each in pages if each.who == who]
        for scripts, check in ((True, _wrong), (False, _plain)):
            context = _context(browser, whole, who, java_script_enabled=scripts)
            look = Looker(context, whole.url)
            wrong += [(each.shot, what) for each in theirs for what in check(look, each)]
            context.close()
    assert wrong == [], "\n".join(f"{name}: {what}" for name, what in wrong)
