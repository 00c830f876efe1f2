"""Spanish is complete: each text, its placeholders, the compiled file, and the pages themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import polib
import pytest

from servanda.runtime import record
from servanda.runtime.workspace import Workspace
from tests.web.portal.test_package import answered, passphrase
from tests.web.portal.visitor import Visitor, text
from tools import messages

Made = Callable[..., Visitor]
ES = messages.LOCALE / "es" / "LC_MESSAGES" / "django.po"
ANN, BOB = "ann@example.test", "bob@example.test"
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
_TAG = re.compile(r"</?\w+>")


def catalogue() -> polib.POFile:
    return polib.pofile(str(ES))


def test_every_text_is_in_the_catalogue_and_translated() -> None:
    found, known = messages.found(), {each.msgid: each for each in catalogue()}
    assert len(found) > 400
    assert set(found) - set(known) == set(), "run tools/gen-messages and translate"
    assert set(known) - set(found) == set(), "run tools/gen-messages"
    assert [each.msgid for each in known.values() if not each.translated() or each.fuzzy] == []


def test_placeholders_and_tags_are_the_same() -> None:
    for each in catalogue():
        for said in (each.msgstr, *each.msgstr_plural.values()):
            if said:
                for pattern in (_PLACEHOLDER, _TAG):
                    assert sorted(pattern.findall(said)) == sorted(pattern.findall(each.msgid)), (
                        said
                    )
        assert each.msgid.startswith("\n") == each.msgstr.startswith("\n")
        assert each.msgid.endswith("\n") == each.msgstr.endswith("\n") or each.msgid_plural


def test_the_compiled_file_is_in_step() -> None:
    assert ES.with_suffix(".mo").read_bytes() == catalogue().to_binary()
    assert messages.main(["--check"]) == 0


def test_a_text_that_is_missing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look itself can fail."""
    real = messages._words
    extra = messages.Message("a text nobody translated", "", "here")
    monkeypatch.setattr(messages, "_words", lambda: [*real(), extra])
    assert messages.main(["--check"]) == 1


def test_every_page_is_spanish(site: Workspace, visitor: Made) -> None:
    record.policy(site, datetime.now(UTC))
    one = visitor(headers={"accept-language": "es-MX,es;q=0.9,en;q=0.5"})
    pages = [one.get(f"/privacy/{each}") for each in ("", "policy/", "policy/versions/", "board/")]
    pages.append(one.get("/privacy/request/"))
    one.post("/privacy/request/")
    for name, fields in {
        "relation": {"relation": "client"},
        "right": {"right": "rectification"},
        "corrections": {"name": "Anne"},
        "who": {"email": ANN},
        "place": {"place": "GB-NIR"},
        "text": {"text": ""},
    }.items():
        pages += [one.get(f"/privacy/request/{name}/"), one.post(f"/privacy/request/{name}/")]
        one.answer(**{name: fields})
    pages.append(one.get("/privacy/request/verify/"))
    pages.append(one.post("/privacy/request/verify/"))
    pages.append(one.post("/privacy/request/verify/", code="AAAAA-AAAAA"))
    pages.append(one.post("/privacy/request/verify/", code=one.code()))
    pages.append(one.post("/privacy/request/review/"))
    follow = one.path
    one.prove(follow, ANN, "portal-letters")
    pages += [one.get(f"{follow}{each}/") for each in ("letters", "cancel", "details", "package")]
    pages += [one.get("/privacy/contact/"), one.post("/privacy/contact/", email=BOB)]
    pages.append(one.post("/privacy/contact/code/", code=one.code(BOB)))
    pages.append(one.get("/privacy/no-such-page/"))
    assert len(pages) > 25
    english = [e for e in catalogue() if len(e.msgid) > 9 and e.msgstr != e.msgid]
    for page in pages:
        assert '<html lang="es">' in page
        said = unescape(re.sub(r"<[^>]+>", "\n", page))
        lines = {" ".join(line.split()) for line in said.splitlines()}
        assert not [e.msgid for e in english if e.msgid in lines]
    assert re.search(r"a más tardar, el \d+ de \w+ de 20\d\d", "".join(pages))
    page = visitor().get("/privacy/")
    assert [e.msgid for e in english if f">{e.msgid}<" in page]  # in English there would be some


def test_mails_and_the_answer_are_spanish(site: Workspace, visitor: Made) -> None:
    from django.utils import translation

    from servanda.desk.requests import outbox

    one = visitor(headers={"accept-language": "es"})
    follow = one.request("access", ANN)
    with translation.override("en"):  # whoever answers speaks something else
        answered(site, "1")
    outbox.deliver(site.desk.book)
    subjects = [each["Subject"] for each in one.mails(ANN)]
    assert subjects == [
        "Su código para House Ltd",
        "Su solicitud a House Ltd (número 1)",
        "Hemos respondido a su solicitud (número 1)",
    ]
    assert "Buenos días" in text(one.mails(ANN)[-1])
    one.prove(follow, ANN, "portal-package")
    page = one.post(f"{follow}package/", show="1")
    assert "Anote esta contraseña" in page and passphrase(page)


def test_the_language_can_be_chosen_and_is_kept(visitor: Made) -> None:
    one = visitor()
    assert "Your data and your rights" in one.get("/privacy/")
    one.post("/privacy/language/", language="es", next="/privacy/policy/")
    assert one.path == "/privacy/policy/" and "Sus derechos" in one.last.content.decode()
    assert "Sus datos y sus derechos" in one.get("/privacy/")
    one.post("/privacy/language/", language="xx", next="https://evil.test/")
    assert one.path == "/privacy/" and "Sus datos" in one.last.content.decode()


def test_pages_for_staff_stay_english(visitor: Made) -> None:
    one = visitor(headers={"accept-language": "es"})
    assert '<html lang="en">' in one.get("/console/")
