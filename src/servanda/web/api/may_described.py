"""What the API's description says of the calls that go past its framework: the use gate."""

from __future__ import annotations

from typing import Any

from servanda.web.api.bulk import MOST

_CHANNEL = {"type": "string", "enum": ["", "email", "phone", "post", "sms", "mms"], "default": ""}
_ANSWER: dict[str, Any] = {
    "title": "GateOut",
    "type": "object",
    "description": "`reason`: consent, basis, objection, restriction, age, terms, undeclared, "
    "asked, asking or unknown. `detail`: of a missing consent, how. `says`: for people.",
    "properties": {
        "may": {"type": "boolean"},
        "reason": {"type": "string"},
        "detail": {"type": ["string", "null"]},
        "says": {"type": "string"},
    },
    "required": ["may", "reason", "detail", "says"],
}
_COUNTS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "asked": {"type": "integer"},
        "yes": {"type": "integer"},
        "no": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
    "required": ["asked", "yes", "no"],
}
_SAYS = {"type": "object", "additionalProperties": {"type": "string"}}
_QUESTION: dict[str, Any] = {
    "purpose": {"type": "string", "maxLength": 100, "description": "A purpose of the policy."},
    "message": {"type": "string", "maxLength": 100, "description": "Or a kind of message."},
    "channel": _CHANNEL,
    "asking": {"type": "boolean", "description": "May they be asked for this consent?"},
}
_PEOPLE = {"type": "array", "items": {"type": "string", "maxLength": 400}, "maxItems": MOST}
SHAPES: dict[str, Any] = {
    "GateOut": _ANSWER,
    "GateListIn": {
        "title": "GateListIn",
        "type": "object",
        "properties": {"subjects": {**_PEOPLE, "description": "`kind:value` each."}, **_QUESTION},
        "required": ["subjects", "purpose"],
    },
    "GateListOut": {
        "title": "GateListOut",
        "type": "object",
        "description": "In the order of the subjects, and streamed. `says`: each reason in words.",
        "properties": {
            "answers": {"type": "array", "items": {"type": "object"}},
            "counts": _COUNTS,
            "says": _SAYS,
        },
        "required": ["answers", "counts", "says"],
    },
    "SendListIn": {
        "title": "SendListIn",
        "type": "object",
        "description": "`kind`: email or phone. `links`: give the links of each person as well.",
        "properties": {
            "list": {**_PEOPLE, "description": "Addresses, or numbers."},
            "kind": {"type": "string", "enum": ["email", "phone"], "default": "email"},
            "links": {"type": "boolean"},
            **_QUESTION,
        },
        "required": ["list", "purpose"],
    },
    "SendListOut": {
        "title": "SendListOut",
        "type": "object",
        "description": "`allowed`: who may be written to, in the order of the list.",
        "properties": {
            "allowed": {"type": "array", "items": {"type": "string"}},
            "links": {"type": "array", "items": {"type": "object"}},
            "counts": _COUNTS,
            "says": _SAYS,
        },
        "required": ["allowed", "counts", "says"],
    },
}
_STATUSES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    413: "Content Too Large",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    502: "Bad Gateway",
}


def _of(shape: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}}


def _asked(name: str, schema: dict[str, Any], required: bool = False) -> dict[str, Any]:
    told = {key: value for key, value in schema.items() if key != "description"}
    found: dict[str, Any] = {"in": "query", "name": name, "schema": told, "required": required}
    if "description" in schema:
        found["description"] = schema["description"]
    return found


def _call(name: str, summary: str, about: str, out: str, **more: Any) -> dict[str, Any]:
    wrong = {
        code: {"description": text, "content": _of("Wrong")} for code, text in _STATUSES.items()
    }
    return {
        "operationId": f"servanda_gate_{name}",
        "summary": summary,
        "description": about,
        "tags": ["gate"],
        "parameters": [],
        "responses": {200: {"description": "OK", "content": _of(out)}, **wrong},
        "security": [{"scope": []}],
        "x-scopes": ["gate"],
        **more,
    }


def _body(shape: str) -> dict[str, Any]:
    return {"content": _of(shape), "required": True}


def paths(prefix: str) -> dict[str, Any]:
    """The calls, as OpenAPI has them."""
    parameters = [
        _asked("subject", {"type": "string", "description": "`email:jo@example.test`"}, True),
        _asked("purpose", {**_QUESTION["purpose"], "minLength": 1}, True),
        *(_asked(name, _QUESTION[name]) for name in ("message", "channel", "asking")),
    ]
    return {
        f"/{prefix}may": {
            "get": _call(
                "one",
                "May",
                "Whether one person's data may be used. No limit of calls.",
                "GateOut",
                parameters=parameters,
            ),
            "post": _call(
                "many",
                "May All",
                f"The same of up to {MOST:,} people.",
                "GateListOut",
                requestBody=_body("GateListIn"),
            ),
        },
        f"/{prefix}send-list": {
            "post": _call(
                "send_list",
                "Send List",
                "Give a list, get back who may be written to. As text/csv, its columns are kept; "
                "the question then stands in the address.",
                "SendListOut",
                requestBody=_body("SendListIn"),
            )
        },
    }
