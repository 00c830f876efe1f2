"""The description in OpenAPI: besides what the framework knows, scopes and headers of each call."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from servanda.web.api import may_described
from servanda.web.api.auth import scope

_PURPOSE = {
    "in": "header",
    "name": "X-Purpose",
    "required": True,
    "schema": {"type": "string"},
    "description": "What the data of people is read for: `rights`, or a purpose of the policy.",
}
_TICKET = {
    "in": "header",
    "name": "X-Ticket",
    "required": False,
    "schema": {"type": "string", "maxLength": 100},
    "description": "The number of the ticket that it is read for.",
}
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string"},
    "description": "The same call with the same key, within a day, gets the same answer.",
}


class Described(NinjaAPI):
    """Every call says its scopes as `x-scopes`, and the headers it reads."""

    def get_openapi_schema(self, **more: Any) -> OpenAPISchema:
        found = super().get_openapi_schema(**more)
        for path, method, operation in calls(self):
            wanted = auth_of(operation)
            told = next(
                (m[method] for p, m in found["paths"].items() if p.endswith(path) and method in m),
                None,
            )
            if wanted is None or told is None:
                continue
            told["x-scopes"] = list(wanted.needs)
            if wanted.about:
                told["x-about"] = wanted.about
                told["parameters"] += [_PURPOSE, _TICKET]
            if getattr(operation.view_func, "servanda_once", False):
                told["parameters"].append(_KEY)
        found["paths"].update(may_described.paths(str(more.get("path_prefix") or "").lstrip("/")))
        found["components"]["schemas"].update(may_described.SHAPES)
        return found


def calls(api: NinjaAPI) -> list[tuple[str, str, Any]]:
    """(path, method, operation) of every call, paths as the description writes them."""
    import re

    return [
        (re.sub(r"{[^}:]+:", "{", path), method.lower(), operation)
        for router in api._get_bound_routers()
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    ]


def auth_of(operation: Any) -> scope | None:
    """Who may: of every call of ours there is exactly one."""
    return next((each for each in operation.auth_callbacks if isinstance(each, scope)), None)
