"""What runs and what is kept: before a choice, after each, after it is taken back."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.web.consent.banner.place import PAGE, Place

Visitor = Callable[..., Page]
ANALYTICS = {"stats/tag.js", "stats/fetched", "stats/beacon"}


def came(page: Page, place: Place, path: str = "/") -> None:
    page.goto(place.url("www") + path)
    page.wait_for_selector("#servanda-consent button", state="attached")
    page.wait_for_timeout(250)  # whatever would be asked for, is


def cookies(page: Page) -> set[str]:
    return {each["name"] for each in page.context.cookies()}


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_timeout(300)


def test_before_a_choice_nothing_is_asked_for_and_nothing_kept(
    place: Place, visitor: Visitor
) -> None:
    page = visitor()
    came(page, place)
    assert page.get_by_role("dialog").is_visible()
    assert place.elsewhere() == set()
    assert cookies(page) == set()
    assert page.evaluate("Object.keys(localStorage).length") == 0
    assert place.choices == []
    assert page.evaluate("[window.needed, window.ran]") == [True, None]


def test_accepted_all_of_it_runs_and_is_recorded(place: Place, visitor: Visitor) -> None:
    page = visitor()
    came(page, place)
    press(page, "Accept all")
    assert {"stats/tag.js", "film/embed", "pixel/shown.gif", "chat/chat.js"} <= place.elsewhere()
    assert {"_ga", "_ga_AB1", "_ga_wide", "chat_open"} <= cookies(page)
    assert "stats" in page.evaluate("window.inline").split(
        ","
    )  # after the script before it had run
    (choice,) = place.choices
    assert choice["how"] == "accept_all" and choice["gpc"] is False
    assert choice["choices"] == dict.fromkeys(
        ("functional", "performance", "analytics", "advertising"), True
    )
    assert len(choice["id"]) == 32 and int(choice["id"], 16) > 0
    assert len(choice["notice"]) == 64 and choice["edition"] is None
    assert (choice["language"], choice["place"]) == ("en", "GB-NIR")
    came(page, place)  # on the next page nobody is asked, and what was allowed runs
    assert not page.locator(".banner").is_visible()
    assert place.asked.count(("stats", "/tag.js")) == 2
    assert {*ANALYTICS, "pixel/made.gif"} <= place.elsewhere()
    assert len(place.choices) == 1


def test_declined_none_of_it_runs_here_or_on_the_next_page(place: Place, visitor: Visitor) -> None:
    page = visitor()
    came(page, place)
    press(page, "Decline all")
    came(page, place)
    assert not page.locator(".banner").is_visible()
    assert place.elsewhere() == set() and cookies(page) == set()
    assert [each["how"] for each in place.choices] == ["decline_all"]


def test_chosen_only_that_runs(place: Place, visitor: Visitor) -> None:
    page = visitor()
    came(page, place)
    press(page, "Choose")
    page.get_by_label("Analytics").check()
    press(page, "Save my choice")
    assert place.elsewhere() == {"stats/tag.js"}
    assert "_ga" in cookies(page)
    assert place.choices[0]["how"] == "chosen"
    assert [k for k, yes in place.choices[0]["choices"].items() if yes] == ["analytics"]
    came(page, place)
    assert place.elsewhere() == ANALYTICS


def test_a_film_waits_behind_an_explanation_and_plays_when_allowed(
    place: Place, visitor: Visitor
) -> None:
    page = visitor()
    came(page, place)
    film = page.frame_locator("iframe[title=Film]")
    assert "Functional" in film.locator("p").inner_text()
    box = page.locator("iframe[title=Film]").bounding_box()
    film.get_by_role("button").click()
    page.wait_for_timeout(300)
    assert place.elsewhere() == {"film/embed", "chat/chat.js"}
    assert page.locator("iframe[title=Film]").bounding_box() == box
    assert place.choices[0]["choices"]["functional"] is True
    assert place.choices[0]["choices"]["analytics"] is False


def test_taken_back_its_cookies_go_at_once_and_running_scripts_reach_nobody(
    place: Place, visitor: Visitor
) -> None:
    page = visitor()
    came(page, place)
    press(page, "Accept all")
    page.evaluate("document.cookie = 'session=1;path=/'; document.cookie = '_gab=1;path=/'")
    page.evaluate("document.cookie = '_ga_deep=1;path=/a/b'")
    assert {"_ga", "_ga_AB1", "_ga_wide", "session"} <= cookies(page)
    page.evaluate("count()")
    page.wait_for_timeout(200)
    before = place.asked.count(("stats", "/again.gif"))
    assert before == 1
    press(page, "Privacy choices")
    page.get_by_label("Analytics").uncheck()
    press(page, "Save my choice")
    left = cookies(page)
    assert {"session", "_gab", "chat_open"} <= left  # what bears another name stays
    assert left & {"_ga", "_ga_AB1", "_ga_wide"} == set()
    assert page.evaluate("localStorage.getItem('_ga_kept')") is None
    page.evaluate(f"count(); setAgain(); navigator.sendBeacon('{place.url('stats')}/late')")
    page.wait_for_timeout(200)
    assert place.asked.count(("stats", "/again.gif")) == before
    assert ("stats", "/late") not in place.asked
    assert "_ga" not in cookies(page)
    assert [each["how"] for each in place.choices] == ["accept_all", "withdrawn"]
    assert place.choices[0]["id"] == place.choices[1]["id"]
    assert page.get_by_role("button", name="Load again").is_visible()
    asked = list(place.asked)
    came(page, place)
    assert [each for each in place.asked[len(asked) :] if each[0] == "stats"] == []


def test_taken_back_a_film_stops(place: Place, visitor: Visitor) -> None:
    page = visitor()
    came(page, place)
    press(page, "Accept all")
    assert page.frame_locator("iframe[title=Film]").locator("body").inner_text() == "Film"
    press(page, "Privacy choices")
    page.get_by_role("dialog").get_by_role("button", name="Decline all").click()
    page.wait_for_timeout(300)
    film = page.frame_locator("iframe[title=Film]")
    assert film.get_by_role("button").is_visible()
    assert page.locator("img[alt=Advert]").get_attribute("src") is None


def test_without_javascript_nothing_is_asked_for(place: Place, visitor: Visitor) -> None:
    page = visitor(java_script_enabled=False)
    page.goto(place.url("www"))
    page.wait_for_timeout(300)
    assert place.elsewhere() == set() and cookies(page) == set() and place.choices == []


def test_the_offer_to_load_again_stays_and_two_tags_are_as_one(
    place: Place, visitor: Visitor
) -> None:
    place.pages["/"] = PAGE.replace("{tag}", "{tag}{tag}")
    page = visitor()
    came(page, place)
    assert page.locator("#servanda-consent").count() == 1
    assert page.evaluate("dataLayer.length") == 1
    press(page, "Accept all")
    page.evaluate("servanda.open(); servanda.open()")
    page.locator("dialog").get_by_role("button", name="Decline all").click()
    page.wait_for_timeout(4_300)  # by then "Your choice is saved." would be gone
    assert page.get_by_role("button", name="Load again").is_visible()
    assert [each["how"] for each in place.choices] == ["accept_all", "withdrawn"]
