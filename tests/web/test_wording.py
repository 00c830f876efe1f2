"""Our English words for account pages: compiled, and of texts that django-allauth still has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import allauth
import polib
from django.test import Client

from servanda.web.models import Member
from tools.wording import CATALOGUE

TEXTS = polib.pofile(str(CATALOGUE))


def test_what_is_compiled_is_what_is_written() -> None:
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    written = {each.msgid: each.msgstr for each in TEXTS}
    assert len(written) > 20
    assert {each.msgid: each.msgstr for each in compiled} == written, "python -m tools.wording"


def test_every_text_is_one_of_theirs() -> None:
    folder = Path(allauth.__file__).parent
    sources = [*folder.rglob("*.html"), *folder.rglob("*.py")]
    theirs = "\n".join(each.read_text("utf-8") for each in sources)
    assert [each.msgid for each in TEXTS if each.msgid not in theirs] == []


def test_pages_say_it(client: Callable[[str | Member | None], Client]) -> None:
    page = client(None).get("/accounts/login/").content.decode()
    assert "Sign in" in page and "Sign In" not in page
