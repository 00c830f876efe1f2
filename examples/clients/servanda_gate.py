"""Ask Servanda's use gate from Python. One file, nothing to install: copy it into your tool.

    gate = Gate("https://privacy.example.com", token)
    if gate.may("email:jo@example.test", message="newsletter", channel="email"):
        send(...)
    for address in gate.filter(addresses, message="newsletter", channel="email"):
        send(...)

Whatever goes wrong, the answer is no: `may` gives False, and `filter` raises GateError, so that no
list goes out that nobody asked about.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlencode

AT_ONCE = 100_000


class GateError(Exception):
    """The gate did not answer. Write to nobody."""


class Gate:
    def __init__(self, address: str, token: str, timeout: float = 10.0) -> None:
        self._address = address.rstrip("/")
        self._token = token
        self._timeout = timeout

    def may(self, subject: str, *, purpose: str = "", message: str = "", channel: str = "") -> bool:
        """Whether this person may be written to. False where the gate does not answer."""
        try:
            answer = self.ask(subject, purpose=purpose, message=message, channel=channel)
            return answer["may"] is True
        except GateError:
            return False

    def ask(
        self, subject: str, *, purpose: str = "", message: str = "", channel: str = ""
    ) -> dict[str, Any]:
        """The whole answer: may, reason, detail, says."""
        asked = {"subject": subject, "purpose": purpose, "message": message, "channel": channel}
        return self._call(f"/v1/may?{urlencode({k: v for k, v in asked.items() if v})}")

    def filter(
        self,
        addresses: Iterable[str],
        *,
        purpose: str = "",
        message: str = "",
        channel: str = "email",
        kind: str = "email",
    ) -> Iterator[str]:
        """Those who may be written to, in order; a hundred thousand with each call."""
        remaining = iter(addresses)
        asked = {"purpose": purpose, "message": message, "channel": channel, "kind": kind}
        while part := list(islice(remaining, AT_ONCE)):
            yield from self._call("/v1/send-list", {"list": part, **asked})["allowed"]

    def _call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310
            self._address + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:  # noqa: S310
                found = json.load(answer)
        except (OSError, ValueError) as error:
            raise GateError(f"the gate did not answer ({type(error).__name__})") from None
        if not isinstance(found, dict):
            raise GateError("that was no answer of the gate")
        return found
