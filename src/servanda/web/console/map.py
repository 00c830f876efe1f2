"""The data map: where data lies, what it is for, who else gets it; drawn, and in words."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.safestring import mark_safe

from servanda.desk.roles import May
from servanda.inventory.datamap import DataMap, datamap
from servanda.inventory.mapdrawing import svg
from servanda.publish.package.about import points
from servanda.runtime import hub, storehealth
from servanda.runtime.storehealth import StoreState
from servanda.web.kit.access import page


@page(May.MAP)
def data_map(request: HttpRequest) -> HttpResponse:
    workspace = hub.workspace()
    found = datamap(workspace.policy, workspace.configs, datetime.now(workspace.zone).date())
    states = {each.name: each for each in storehealth.states(workspace)}
    drawn = svg(
        found,
        {name: _note(each) for name, each in states.items()},
        {name for name, each in states.items() if each.undeclared or each.wrong},
        f"Data map of {workspace.policy.organisation}",
    )
    told = {e.activity.id: points(workspace.policy, e.activity) for e in found.activities}
    return render(
        request,
        "console/map.html",
        {
            "map": found,
            "states": states,
            "drawing": mark_safe(drawn),  # noqa: S308  (escaped where it is drawn)
            "told": told,
            "marked": [each for each in states.values() if each.undeclared or each.wrong],
            "taken": next((e.inventory.at for e in states.values() if e.inventory), None),
            "personal": _personal(found),
        },
    )


def _note(state: StoreState) -> str:
    """The second line of a store's box."""
    words = [f"{len(state.collections)} collection{'' if len(state.collections) == 1 else 's'}"]
    if state.undeclared:
        words.append(f"{len(state.undeclared)} undeclared")
    if state.wrong:
        words.append(f"{len(state.wrong)} drifted")
    return ", ".join(words)


def _personal(found: DataMap) -> dict[str, list[str]]:
    """The kinds of personal data in each collection, by its id."""
    return {
        each.id: sorted({category for field in each.personal for category in field.categories})
        for store in found.stores
        for each in store.collections
    }


urls = [path("map/", data_map, name="map")]
