"""What a page names without a tag: held back by its host where that can be, and honestly told where
it cannot (docs/how-to/banner.md)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.web.consent.banner.place import Place
from tests.web.consent.banner.test_choices import came, cookies, press

Visitor = Callable[..., Page]
PLAIN = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Plain</title>{tag}
<script src="{stats}/tag.js"></script></head><body><h1>Plain</h1>
<iframe title="Film" src="{film}/embed" width="240" height="150"></iframe>
<img alt="" src="{pixel}/plain.gif" width="20" height="20">
<img alt="" src="/own.gif" width="20" height="20">
</body></html>"""
MADE = """
const add = (name, how) => {
  const e = document.createElement(name); how(e); document.body.append(e);
};
add("script", e => { e.src = "{stats}/tag.js"; });
add("script", e => { e.setAttribute("SRC", "{chat}/chat.js"); });
add("script", e => { e.src = new URL("{fast}/fast.js"); });
add("iframe", e => { e.src = "{film}/embed"; e.title = "Made"; });
add("img", e => { e.src = "{pixel}/img.gif"; });
new Image(1, 1).src = "{pixel}/never-in-the-page.gif";
const asked = new XMLHttpRequest(); asked.open("GET", "{stats}/xhr"); asked.send();
fetch(new Request("{stats}/request")).catch(() => {});
fetch(new URL("{stats}/url")).catch(() => {});
add("img", e => { e.src = "http://notstats.localhost:1/x.gif"; });
"""


def test_scripts_of_refused_hosts_do_not_run_and_frames_do_not_show(
    place: Place, visitor: Visitor
) -> None:
    place.pages["/"] = PLAIN
    page = visitor()
    came(page, place)
    assert page.evaluate("window.ran") is None
    assert not cookies(page) & {"_ga", "_ga_AB1"}
    assert page.frame_locator("iframe").get_by_role("button").is_visible()
    assert page.locator("img").nth(1).get_attribute("src") == "/own.gif"
    press(page, "Accept all")
    assert page.evaluate("window.ran") == ["stats"]
    assert page.frame_locator("iframe").locator("body").inner_text() == "Film"
    assert ("pixel", "/plain.gif") in place.asked


def test_what_scripts_of_the_page_ask_for_is_held_back_by_host(
    place: Place, visitor: Visitor
) -> None:
    place.pages["/"] = "<!doctype html><html lang=en><title>x</title>{tag}<body><h1>x</h1></html>"
    page = visitor()
    came(page, place)
    page.evaluate(place.filled(MADE))
    page.wait_for_timeout(300)
    assert place.elsewhere() == set()
    press(page, "Choose")
    page.get_by_label("Functional").check()
    page.get_by_label("Advertising").check()
    press(page, "Save my choice")
    assert place.elsewhere() == {"chat/chat.js", "film/embed", "pixel/img.gif"}
    page.evaluate(place.filled(MADE))  # now the same things are asked for as they come
    page.wait_for_timeout(300)
    assert "pixel/never-in-the-page.gif" in place.elsewhere()
    assert not {each for each in place.elsewhere() if each.startswith(("stats", "fast"))}


def test_a_host_of_two_categories_waits_for_both(place: Place, visitor: Visitor) -> None:
    place.pages["/"] = (
        "<!doctype html><html lang=en><title>x</title>{tag}<body><h1>x</h1>"
        '<img alt="" data-consent="advertising" data-src="{stats}/both.gif">'
        '<img alt="" data-consent="analytics advertising" data-src="{chat}/three.gif">'
        '<img alt="" data-consent="marketing" data-src="/unknown.gif">'
        '<img alt="" data-src="/lazy.gif" id="lazy"></html>'
    )
    page = visitor()
    came(page, place)
    press(page, "Choose")
    page.get_by_label("Advertising").check()
    press(page, "Save my choice")
    assert place.elsewhere() == set()
    page.evaluate("servanda.open()")
    page.locator("dialog").get_by_role("button", name="Accept all").click()
    page.wait_for_timeout(200)
    assert place.elsewhere() == {"stats/both.gif", "chat/three.gif"}
    assert page.evaluate("document.images[2].src") == ""  # nobody was asked for "marketing"
    assert page.evaluate("lazy.src") == ""  # not ours: a lazy loader's
    assert page.evaluate("[servanda.may('analytics'), servanda.may('marketing')]") == [True, False]
