"""What people see: equal choices, for everybody, on every screen and strict sites, unmoved."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.web.consent.banner.place import PAGE, Place
from tests.web.consent.banner.test_choices import came, cookies, press
from tools import banner as tool

Visitor = Callable[..., Page]
ANSWERS = ("Accept all", "Decline all", "Choose")
STYLE = (
    "e => { const s = getComputedStyle(e); return [s.color, s.backgroundColor, s.fontSize,"
    " s.fontWeight, s.borderColor, s.padding, s.opacity, s.textDecorationLine]; }"
)


def test_javascript_and_css_are_six_kilobytes_at_most(place: Place) -> None:
    script, style = (place.answers[f"/consent/banner.{kind}"][0] for kind in ("js", "css"))
    assert b'"hosts":["stats.localhost"]' in script  # the rules of a policy are in it
    weight = len(gzip.compress(script, 6)) + len(gzip.compress(style, 6))
    assert weight <= 6_000, weight


def test_what_is_served_is_what_the_source_says() -> None:
    assert tool.main(["--check"]) == 0, "run tools/gen-banner"
    for path in sorted((tool.FOLDER / "source").iterdir()):
        assert len(path.read_text("utf-8").splitlines()) <= 300, path.name


def test_the_three_answers_are_equal(place: Place, visitor: Visitor) -> None:
    for width in (1280, 360):
        page = visitor(viewport={"width": width, "height": 800})
        came(page, place)
        found = [page.locator(".banner").get_by_role("button", name=each) for each in ANSWERS]
        boxes = [each.bounding_box() for each in found]
        assert all(boxes)
        assert len({(round(b["width"]), round(b["height"])) for b in boxes if b}) == 1
        assert len({json.dumps(each.evaluate(STYLE)) for each in found}) == 1
        assert all(each.is_visible() for each in found)  # without scrolling or opening anything
        assert all(b["y"] + b["height"] <= 800 for b in boxes if b)
        press(page, "Choose")
        again = page.locator("dialog .acts button")
        sizes = [each.bounding_box() for each in again.all()]
        assert len({(round(b["width"]), round(b["height"])) for b in sizes if b}) == 1
        assert len({json.dumps(each.evaluate(STYLE)) for each in again.all()}) == 1


def test_third_parties_are_named_and_nothing_is_ticked(place: Place, visitor: Visitor) -> None:
    page = visitor()
    came(page, place)
    says = page.locator(".banner").inner_text()
    assert all(each in says for each in ("House Ltd", "Count Ltd", "Adverts Inc", "Films GmbH"))
    press(page, "Choose")
    boxes = page.locator("dialog input")
    assert boxes.count() == 5
    assert [each.is_checked() for each in boxes.all()] == [True, False, False, False, False]
    assert boxes.first.is_disabled()
    page.get_by_text("2 cookies").last.click()
    assert "Count Ltd" in page.locator("dialog details[open]").inner_text()
    assert "13 months" in page.locator("dialog details[open]").inner_text()


def test_axe_finds_nothing_wrong(place: Place, visitor: Visitor) -> None:
    for width in (1280, 360):
        page = visitor(viewport={"width": width, "height": 700})
        came(page, place)
        _accessible(page, "banner")
        press(page, "Choose")
        page.locator("dialog summary").nth(1).click()
        _accessible(page, "dialog")
        page.locator("dialog").get_by_role("button", name="Accept all").click()
        page.locator(".control").click()
        page.locator("dialog").get_by_role("button", name="Decline all").click()
        _accessible(page, "note")


def test_focus_is_not_stolen_kept_in_the_dialog_and_given_back(
    place: Place, visitor: Visitor
) -> None:
    page = visitor()
    came(page, place)
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("Tab")  # it comes first, so nobody has to go through the page to it
    assert _focused(page) == "Privacy policy"
    for _ in range(4):
        page.keyboard.press("Tab")
    assert _focused(page) == "Choose"
    page.keyboard.press("Enter")
    for _ in range(25):
        page.keyboard.press("Tab")
        where = page.evaluate(
            "() => { const r = document.querySelector('#servanda-consent').shadowRoot;"
            " return r.activeElement ? !!r.activeElement.closest('dialog')"
            " : document.activeElement === document.body; }"
        )
        assert where, "the page behind was reached"
    page.keyboard.press("Escape")
    assert _focused(page) == "Choose"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert _focused(page) == "Privacy choices"  # what was pressed is gone; this is what is left
    link = page.get_by_role("link", name="Your cookies")
    link.click()
    page.keyboard.press("Escape")
    assert link.evaluate("each => each === document.activeElement")


def test_the_page_does_not_move(place: Place, visitor: Visitor) -> None:
    page = visitor()
    page.add_init_script(
        "window.moved = 0; window.why = [];"
        "new PerformanceObserver(list => list.getEntries().forEach("
        "each => { moved += each.hadRecentInput ? 0 : each.value;"
        " why.push([each.value, each.hadRecentInput,"
        " ...each.sources.map(s => s.node && (s.node.outerHTML || s.node.data))]); }))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(place.url("www"))
    page.wait_for_timeout(400)
    press(page, "Accept all")
    page.wait_for_timeout(4200)
    assert page.evaluate("moved") == 0, page.evaluate("why")
    before = page.evaluate("moved")
    page.evaluate("document.querySelector('h1').style.marginTop = '300px'")
    page.wait_for_timeout(700)
    assert page.evaluate("moved") > before, "the measure does not measure"


def test_it_works_under_a_strict_policy_of_the_site(place: Place, visitor: Visitor) -> None:
    privacy, others = place.url("privacy"), f"{place.url('film')} {place.url('pixel')}"
    allowed = " ".join(place.url(each) for each in ("stats", "chat", "fast"))
    scripts = f"{privacy} {allowed} 'self' 'nonce-abc'"
    place.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {scripts}; style-src {privacy};"
        f" connect-src {privacy} {allowed}; img-src {others}; frame-src {others}"
    )
    place.pages["/"] = PAGE.replace("<script type", '<script nonce="abc" type')
    page = visitor()
    wrong: list[str] = []
    page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
    came(page, place)
    assert page.locator(".banner button").first.evaluate(STYLE)[1] == "rgb(11, 79, 179)"
    veil = page.frame_locator("iframe[title=Film]").locator("body")
    assert veil.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(241, 241, 246)"
    press(page, "Accept all")
    assert "stats" in page.evaluate("window.inline").split(",")
    assert {"film/embed", "pixel/shown.gif", "stats/tag.js"} <= place.elsewhere()
    assert wrong == []


def test_a_page_written_from_right_to_left(place: Place, visitor: Visitor) -> None:
    place.pages["/"] = PAGE.replace('lang="en"', 'lang="en" dir="rtl"')
    page = visitor(viewport={"width": 1280, "height": 800})
    came(page, place)
    boxes = [
        page.locator(".banner").get_by_role("button", name=each).bounding_box() for each in ANSWERS
    ]
    assert boxes[0] and boxes[1] and boxes[2]
    assert boxes[0]["x"] > boxes[1]["x"] > boxes[2]["x"]
    title = page.locator(".banner h2")
    assert title.evaluate("each => getComputedStyle(each).direction") == "ltr"  # it is English
    press(page, "Decline all")
    control = page.locator(".control").bounding_box()
    assert control and control["x"] > 640


def test_small_screens_large_letters_and_no_room(place: Place, visitor: Visitor) -> None:
    for size in ({"width": 360, "height": 640}, {"width": 320, "height": 256}):
        page = visitor(viewport=size)
        came(page, place)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        box = page.locator(".banner").bounding_box()
        assert box and box["height"] <= size["height"] * 0.9 and box["y"] >= 0
        page.get_by_role("button", name="Choose").click()
        dialog = page.locator("dialog").bounding_box()
        assert dialog and dialog["x"] >= 0 and dialog["x"] + dialog["width"] <= size["width"]
        save = page.get_by_role("button", name="Save my choice")
        save.scroll_into_view_if_needed()
        save.click()
        assert not page.locator(".banner").is_visible()


def test_colours_of_the_system_and_no_motion(place: Place, visitor: Visitor) -> None:
    page = visitor(forced_colors="active", reduced_motion="reduce")
    came(page, place)
    accept = page.get_by_role("button", name="Accept all")
    border = accept.evaluate("e => { const s = getComputedStyle(e); return s.borderTopColor; }")
    assert border != accept.evaluate("e => getComputedStyle(e).backgroundColor")
    assert page.evaluate("document.getAnimations().length") == 0
    style = tool.style()
    assert "transition" not in style and "animation" not in style


def test_it_speaks_the_language_of_the_page(place: Place, visitor: Visitor) -> None:
    place.pages["/"] = PAGE.replace('lang="en"', 'lang="es-PR"')
    page = visitor()
    came(page, place)
    assert page.get_by_role("button", name="Rechazar todo").is_visible()
    assert page.locator("#servanda-consent").get_attribute("lang") == "es"
    press(page, "Rechazar todo")
    assert place.choices[0]["language"] == "es"
    place.pages["/"] = PAGE.replace('lang="en"', 'lang="de"')
    other = visitor()
    came(other, place)
    assert other.get_by_role("button", name="Decline all").is_visible()


def test_the_style_of_the_site_does_not_reach_it(place: Place, visitor: Visitor) -> None:
    rude = (
        "<style>* { display: none !important } html, body { display: block !important }"
        " button { font-size: 1px; opacity: 0 } #servanda-consent { display: block !important }"
        "</style></head>"
    )
    place.pages["/"] = PAGE.replace("</head>", rude)
    page = visitor()
    came(page, place)
    box = page.get_by_role("button", name="Decline all").bounding_box()
    assert box and box["height"] >= 44 and box["width"] >= 44


def test_where_the_texts_do_not_come_everything_stays_refused(
    place: Place, visitor: Visitor
) -> None:
    place.answers["/consent/config.json?lang=en"] = (b"<html>", {})
    page = visitor()
    page.goto(place.url("www"))
    page.wait_for_timeout(400)
    assert place.elsewhere() == set() and cookies(page) == set()
    assert page.locator(".banner").count() == 0


@pytest.mark.parametrize("hidden", ["async", "defer"])
def test_tagged_things_wait_even_when_the_banner_comes_late(
    place: Place, visitor: Visitor, hidden: str
) -> None:
    place.attributes = hidden
    place.pages["/"] = PAGE.replace('<script src="/site.js"></script>', "")
    page = visitor()
    came(page, place)
    assert place.elsewhere() == set()
    press(page, "Accept all")
    assert {"stats/tag.js", "film/embed"} <= place.elsewhere()


def test_pictures_for_the_reader(place: Place, visitor: Visitor, tmp_path: Path) -> None:
    for name, width, more in (("narrow", 360, ""), ("wide", 1280, ' dir="rtl"')):
        place.pages["/"] = PAGE.replace('lang="en"', f'lang="en"{more}')
        page = visitor(viewport={"width": width, "height": 800})
        came(page, place)
        page.screenshot(path=tmp_path / f"banner-{name}.png")
        press(page, "Choose")
        page.screenshot(path=tmp_path / f"dialog-{name}.png")
        press(page, "Close")
        press(page, "Decline all")
        page.screenshot(path=tmp_path / f"after-{name}.png")
    assert all(each.stat().st_size > 5_000 for each in tmp_path.glob("*.png"))
    assert len(list(tmp_path.glob("*.png"))) == 6


def _accessible(page: Page, what: str) -> None:
    found = Axe().run(page)
    assert len(found["passes"]) > 10, "axe-core did not look"
    wrong = [(each["id"], each["nodes"][0]["html"][:120]) for each in found["violations"]]
    assert wrong == [], what


def _focused(page: Page) -> str:
    found = page.evaluate(
        "() => { const r = document.activeElement.shadowRoot;"
        " return (r ? r.activeElement : document.activeElement).textContent; }"
    )
    return str(found)
