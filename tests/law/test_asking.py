"""Where visitors are asked first: everywhere but where the law says otherwise."""

from __future__ import annotations

import pytest

from servanda.law.asking import asking


@pytest.mark.parametrize("place", ["GB", "GB-NIR", "EU", "EU-DE", "KE", "JM", "PR", "US", "", "X"])
def test_asked_first(place: str) -> None:
    assert asking(place) == "opt_in"


@pytest.mark.parametrize("place", ["US-CAL", "us-ca", "XUS-CA", "US-CA "])
def test_what_only_looks_like_california_is_asked_first(place: str) -> None:
    assert asking(place) == "opt_in"


def test_california() -> None:
    assert asking("US-CA") == "opt_out" and asking("US-CA-SF") == "opt_out"
