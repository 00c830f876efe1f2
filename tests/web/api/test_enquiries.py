"""Enquiries through the API: only the one that was meant is erased."""

from __future__ import annotations

from servanda.desk import enquiries
from servanda.runtime.workspace import Workspace
from servanda.state.enquiries.models import Enquiry
from tests.web.api.conftest import Call


def test_closing_takes_the_exact_number(call: Call, site: Workspace) -> None:
    first, second, third = (
        enquiries.receive(name=name, email=f"{name}@visitor.test", message="What does it cost?")
        for name in ("nuala", "rory", "sean")
    )
    assert call("GET", "/enquiries/counts").json()["open"] == 3
    shown = call("GET", f"/enquiries/{second}").json()
    assert shown["email"] == "rory@visitor.test" and shown["fields"] == 3
    assert call("POST", f"/enquiries/{second}/close", {"confirm": 4}).status_code == 409
    assert Enquiry.objects.get(pk=second).email == "rory@visitor.test"
    assert call("POST", f"/enquiries/{second}/answer", {"text": "A lot."}).status_code == 200
    told = call("POST", f"/enquiries/{second}/close", {"confirm": 4})
    assert told.json() == {"id": second, "erased": 4}
    gone = Enquiry.objects.get(pk=second)
    assert [getattr(gone, each) for each in enquiries.PERSONAL] == [None] * 5
    for kept in (first, third):
        assert Enquiry.objects.get(pk=kept).email
    assert call("POST", f"/enquiries/{second}/close", {"confirm": 0}).status_code == 400
    assert call("GET", "/enquiries/999").status_code == 404
    assert [each["id"] for each in call("GET", "/enquiries").json()] == [third, first]
