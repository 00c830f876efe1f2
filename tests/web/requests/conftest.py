"""Somebody at the desk who has said why they read."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from servanda.desk import access
from servanda.runtime import hub, jobs
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member

ANN = (("email", "ann@example.test"), ("phone", "02890000001"))
BOB = (("email", "bob@example.test"), ("phone", "02890000002"))


class Desk:
    """One member's browser, with the purposes they stated."""

    def __init__(self, client: Client, member: Member) -> None:
        self.client = client
        self.member = member

    def states(self, scope: str, purpose: str = "rights") -> None:
        access.begin(
            access.Reader(self.member.by, self.member.role),
            purpose,
            scope,
            policy=hub.workspace().policy,
            lasts=timedelta(hours=1),
        )

    def get(self, path: str, status: int = 200, **more: Any) -> str:
        answer = self.client.get(f"/console/{path}", **more)
        assert answer.status_code == status, (path, answer.status_code, answer.content[:2000])
        return unescape(answer.content.decode())

    def post(self, path: str, told: dict[str, Any] | None = None, status: int = 302) -> str:
        answer = self.client.post(f"/console/{path}", told or {})
        assert answer.status_code == status, (path, answer.status_code, answer.content[:2000])
        return unescape(answer.content.decode())

    def new(self, right: str, who: tuple[tuple[str, str], ...], **more: Any) -> int:
        """A request taken in by the page."""
        self.states("requests")
        today = hub.workspace().desk.book.today().isoformat()
        given = {"right": right, "via": "phone", "received": today, **dict(who), **more}
        answer = self.client.post("/console/requests/new/", given)
        assert answer.status_code == 302, unescape(answer.content.decode())
        match = re.fullmatch(r"/console/requests/(\d+)/", answer.headers["Location"])
        assert match
        self.states(f"request:{match[1]}")
        return int(match[1])

    def decided(self, right: str, who: tuple[tuple[str, str], ...], **more: Any) -> int:
        ref = self.new(right, who, **more)
        self.post(f"requests/{ref}/do/seen/", {"document": "passport"})
        self.post(f"requests/{ref}/decide/", {"decision": "act"})
        assert hub.workspace().desk.get(str(ref)).state == "decided"
        return ref


@pytest.fixture
def desk(
    site: Workspace, member: Callable[[str], Member], client: Callable[..., Client]
) -> Callable[..., Desk]:
    def made(role: str = "privacy_lead", *, of: Member | None = None) -> Desk:
        found = of or member(role)
        return Desk(client(found), found)

    return made


@pytest.fixture
def lead(desk: Callable[[str], Desk]) -> Desk:
    return desk("privacy_lead")


def work(site: Workspace) -> None:
    """What the worker does: every job that waits."""
    while jobs.work(site, threading.Event()):
        pass
