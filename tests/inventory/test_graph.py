"""Who owns what, between collections: the edges, the ways, what nobody is led to, the picture."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

import pytest

from servanda.inventory.drawing import svg
from servanda.inventory.graph import Graph, graph
from servanda.inventory.graph_text import explained, path_in_words
from servanda.stores.link import LinkKind
from servanda.stores.mapping import Collection, Exemption
from servanda.stores.ownership import Tie, reachable, ties, unreached
from tests.plan.find.town import link, table

PEOPLE = table("people", "email", identify={"email": ["email"]})
_SVG = "{http://www.w3.org/2000/svg}"


def ids(found: Sequence[Collection]) -> list[str]:
    return [each.id for each in found]


def ways(drawn: Graph, id_: str) -> list[str]:
    return [path_in_words(path) for path in drawn.node(id_).paths]


@pytest.mark.parametrize(("down", "up"), [("owns", "owned_by"), ("accesses", "accessed_by")])
def test_both_spellings_give_the_same_edge(down: LinkKind, up: LinkKind) -> None:
    here = table("people", "email", links=[link("crm.notes", "id", "person", down, hide=("x",))])
    there = table("notes", "person", links=[link("crm.people", "person", "id", up, redact=("y",))])
    plain = [table("people", "email"), table("notes", "person")]
    edge = Tie("crm.people", "crm.notes", ("id",), ("person",), up == "owned_by")
    assert ties([here, plain[1]]) == (Tie(*_what(edge), hide=("x",)),)
    assert ties([plain[0], there]) == (Tie(*_what(edge), redact=("y",)),)
    assert ties([here, there]) == (Tie(*_what(edge), hide=("x",), redact=("y",)),)
    assert ties([there]) == ()  # to a collection that is not mapped


def _what(tie: Tie) -> tuple[str, str, tuple[str, ...], tuple[str, ...], bool]:
    return tie.upper, tie.lower, tie.ours, tie.theirs, tie.owns


def test_pairs_in_another_order_are_the_same_edge() -> None:
    one = table("a", "x", links=[link("crm.b", "x y", "p q", "owns")])
    other = table("b", "p", links=[link("crm.a", "q p", "y x", "owned_by", goes=True)])
    assert ties([one, other]) == (Tie("crm.a", "crm.b", ("x", "y"), ("p", "q"), goes=True),)


def test_what_no_link_reaches_is_named() -> None:
    notes = table("notes", "person", links=[link("crm.people", "person", "id", "owned_by")])
    upwards = table("firms", "name", links=[link("crm.people", "boss", "id", "owns")])
    circle = [
        table("one", "other", links=[link("crm.two", "other", "id", "owned_by")]),
        table("two", "other", links=[link("crm.one", "other", "id", "owned_by")]),
    ]
    bare = table("numbers")
    exempt = table("pages", "text", unlinked=Exemption("names nobody", "Jo", "2027-01-01"))
    everything = [PEOPLE, notes, upwards, *circle, bare, exempt]
    assert ids(unreached(everything)) == ["crm.firms", "crm.one", "crm.two"]
    assert reachable(everything) == {"crm.people", "crm.notes"}
    drawn = graph(everything)
    assert [each.id for each in drawn.unreached] == ["crm.firms", "crm.one", "crm.two"]
    said = explained(drawn)
    assert "Nobody can be led to crm.firms, crm.one, crm.two." in said
    assert said.index("crm.firms: ") < said.index("crm.notes: ")  # what is wrong comes first
    assert "unlinked until 2027-01-01: names nobody (Jo answers for it)" in said
    assert "crm.numbers" not in said


def test_ways_are_told_shortest_first_and_round_no_circle() -> None:
    clubs = table(
        "clubs",
        "owner",
        links=[
            link("crm.people", "owner", "id", "owned_by"),
            link("crm.people", "chair", "id", "owns"),
            link("crm.clubs", "parent", "id", "owned_by"),
        ],
    )
    posts = table(
        "posts",
        "club",
        store="forum",
        links=[
            link("crm.clubs", "club", "id", "owned_by"),
            link("crm.people", "reader", "id", "accessed_by"),
        ],
    )
    drawn = graph([PEOPLE, clubs, posts])
    assert ways(drawn, "crm.people") == ["crm.people"]
    assert ways(drawn, "forum.posts") == [
        "crm.people → forum.posts (seen, not owned)",
        "crm.people → crm.clubs → forum.posts",
    ]
    assert drawn.node("crm.clubs").shared
    assert not drawn.node("forum.posts").shared
    assert drawn.data()["complete"] is True
    (told,) = [each for each in drawn.data()["collections"] if each["collection"] == "forum.posts"]
    assert [path["owned"] for path in told["paths"]] == [False, True]


def test_what_a_link_says_is_explained() -> None:
    calls = table(
        "calls", "src", "dst", "host", identify={"phone": ["src", "dst"]},
        links=[link("crm.people", "host", "id", "owned_by", hide=("dst",), redact=("host",))],
    )  # fmt: skip
    named = table(
        "named", "src", "dst", identify={"phone": ["src", "dst"]},
        parties={"caller": ["src"], "callee": ["dst"]},
        links=[link("crm.people", "src", "id", "owned_by", goes=True)],
    )  # fmt: skip
    said = explained(graph([PEOPLE, calls, named]))
    assert "each of src and dst stands for a person of its own (phone); say `parties`" in said
    assert "a record is of caller (src) and callee (dst), and is each one's" in said
    assert "owned by crm.people (host = id)" in said
    assert "left out of their package: dst" in said
    assert "erased when they go and it stays: host" in said
    assert "goes with them, whoever else owns it" in said


def forty() -> list[Collection]:
    return [PEOPLE] + [
        table(f"t{n}", "up", links=[link(f"crm.t{n // 3}" if n > 2 else "crm.people", "up", "id",
              "accessed_by" if n % 7 == 0 else "owned_by")])
        for n in range(1, 39)
    ] + [table("lost", 'a<b&"c"')]  # fmt: skip


def test_the_picture_is_the_same_each_time_and_nothing_overlaps() -> None:
    picture = svg(graph(forty()), 'Us & "them"')
    assert picture == svg(graph(list(reversed(forty()))), 'Us & "them"')
    root = ElementTree.fromstring(picture)
    assert root.get("role") == "img"
    assert [root.find(f"{_SVG}{tag}").get("id") for tag in ("title", "desc")] == ["t", "d"]  # type: ignore[union-attr]
    assert root.findtext(f"{_SVG}title") == 'Us & "them"'
    assert "Nobody can be led to: crm.lost." in (root.findtext(f"{_SVG}desc") or "")
    boxes = [each.find(f"{_SVG}rect") for each in root.iter(f"{_SVG}g")]
    places = [
        tuple(float(box.get(name) or 0) for name in ("x", "y", "width", "height"))
        for box in boxes
        if box is not None
    ]
    assert len(places) == 40
    wide, high = (float(root.get(name) or 0) for name in ("width", "height"))
    for number, (x, y, w, h) in enumerate(places):
        assert 0 < x < x + w < wide
        assert 0 < y < y + h < high
        for x2, y2, w2, h2 in places[:number]:
            assert x + w < x2 or x2 + w2 < x or y + h < y2 or y2 + h2 < y
    lines = [p for p in root.iter(f"{_SVG}path") if p.get("marker-end")]
    assert len(lines) == 38
    assert {p.get("class") for p in lines} == {"owns", "sees"}
    assert len([g for g in root.iter(f"{_SVG}g") if g.get("class") == "unreached"]) == 1


def test_an_empty_mapping_has_a_picture_too() -> None:
    assert ElementTree.fromstring(svg(graph([]))).tag == f"{_SVG}svg"
    assert explained(graph([])).startswith("0 collections concern people")
