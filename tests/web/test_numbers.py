"""A number in an address that is none, or too great, is no reason to fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from servanda.web.models import Member

Open = Callable[[str | Member | None], Client]


@pytest.mark.parametrize("told", ("²", "٣", "-1", "1e3", "9" * 18, "9" * 40, "9" * 3000))
def test_a_number_that_is_none(client: Open, told: str) -> None:
    owner = client("owner")
    for scope in ("callers", "customer:1"):
        form = {"scope": scope, "purpose": "rights", "next": "/console/"}
        assert owner.post("/console/purpose/", form).status_code == 302
    for path in (
        "/console/callers/",
        "/console/enquiries/",
        "/console/settings/policy.yaml/versions/",
        "/console/incidents/",
        "/console/access-log/",
        "/console/people/",
        "/console/evidence/",
        "/console/evidence/checkpoints/",
        "/console/plans/",
        "/console/runs/",
        "/console/holds/",
        "/console/requests/",
    ):
        for name in ("before", "after", "skip", "old"):
            assert owner.get(path, {name: told}).status_code < 500, (path, name)
    address = "/console/callers/1/codeword/"
    owner.post("/console/contacts/", {"name": "Acme"})
    assert owner.post(address, {"contact": told, "word": "x"}).status_code < 500
