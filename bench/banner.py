"""`banner`: the weight and main-thread time of our banner, against vanilla-cookieconsent as npm has
it, in one run; in the same page, with the same words and categories, at the first visit.

Needs Chromium, and npm for the peer: `npm install vanilla-cookieconsent` into a temporary folder.
Main-thread time is Chromium's own `TaskDuration` until the page rests, with the processor slowed
four times, less that of the same page without a banner; median of many loads, taken in turns.
Targets: at most 6 KB compressed, lighter and not slower than the peer.
"""

from __future__ import annotations

import json
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench import harness
from bench.banner_bed import Bed, Weight, ours, packed, pages, theirs

LOADS = 21
_SHOWN = {
    "/bare": "h1",
    "/ours": "#servanda-consent .banner",
    "/theirs": "#cc-main .cm",
}
_PARTS = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")


def run() -> dict[str, Any]:
    loads = harness.size("loads", LOADS)
    with tempfile.TemporaryDirectory(prefix="servanda-bench-") as folder:
        one, other = ours(), theirs(Path(folder))
    texts = one["/consent/config.json"]
    mine = Weight(packed(one["/consent/banner.js"]), packed(one["/consent/banner.css"]))
    peer = Weight(packed(other["/peer.js"]), packed(other["/peer.css"]))
    with Bed({**one, **other, **pages(json.loads(texts))}) as bed:
        times = _measured(bed.url, loads)
    medians = {
        page: {part: statistics.median(each[part] for each in taken) for part in _PARTS}
        for page, taken in times.items()
    }
    bare = medians["/bare"]["TaskDuration"]
    spent = {page: medians[page]["TaskDuration"] - bare for page in ("/ours", "/theirs")}
    figures = [
        harness.Figure("JavaScript and CSS", mine.whole / 1024, 6, mine.whole / 1024, None, "KiB"),
        harness.Figure("weight", mine.whole / peer.whole, 1, mine.whole, peer.whole, "bytes"),
        harness.Figure(
            "weight with its texts",
            (mine.whole + packed(texts)) / peer.whole,
            1,
            mine.whole + packed(texts),
            peer.whole,
            "bytes",
        ),
        harness.Figure(
            "main thread",
            spent["/ours"] / spent["/theirs"],
            1,
            spent["/ours"] * 1000,
            spent["/theirs"] * 1000,
            "ms",
        ),
    ]
    shown = {
        page: {part: f"{each[part] * 1000:.1f} ms" for part in _PARTS}
        for page, each in medians.items()
    }
    return harness.result(
        "banner", figures, peer=other["version"].decode(), loads=loads, medians=shown
    )


def _measured(url: str, loads: int) -> dict[str, list[dict[str, float]]]:
    chromium = shutil.which("chromium")
    found: dict[str, list[dict[str, float]]] = {page: [] for page in _SHOWN}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for turn in range(loads + 2):
            for page in found:
                taken = _one(browser, url, page)
                if turn >= 2:  # the browser itself is warm by then
                    found[page].append(taken)
        browser.close()
    return found


def _one(browser: Browser, url: str, path: str) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(f"{url}{path}", wait_until="load")
    page.wait_for_selector(_SHOWN[path], state="visible")
    page.wait_for_timeout(500)
    told = devtools.send("Performance.getMetrics")["metrics"]
    context.close()
    return {each["name"]: each["value"] for each in told if each["name"] in _PARTS}
