"""Texts of the public pages: found in Python, in templates and in the policy's vocabulary.

`python -m tools.messages` merges them into each catalogue under src/servanda/web/locale: new ones
come without a translation, those that are gone go. Then it compiles. `--check` only looks.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.utils.translation.template import templatize

from servanda.policy.vocabulary import terms
from servanda.publish.policy.words import OUTCOMES

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "servanda"
LOCALE = SRC / "web" / "locale"
PYTHON = (
    *("web/portal", "web/enquiry", "web/consent", "web/kit/pages.py", "runtime/portal.py"),
    *("publish/policy/keeping.py", "publish/policy/words.py"),  # sentences the portal says, too
)
TEMPLATES = (
    *("portal/*.html", "enquiry/*.html", "consent/*.html"),
    *("servanda/base.html", "servanda/refused.html", "servanda/mistake.html"),
)  # pages for staff are in English alone
VOCABULARY = ("data", "purpose", "basis", "subject", "recipient", "transfer", "event", "right")
PLACES = ("England", "Wales", "Scotland", "Northern Ireland", "California", "European Union")
_CALLS = {"_": 1, "lazy": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2}
_CALLS |= {"say": 1, "many": 2}  # handed in, where Django is not known
_STRING = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_IN_TEMPLATE = re.compile(rf"\b(n?)gettext\(({_STRING})(?:,\s*({_STRING}))?")


@dataclass(frozen=True, slots=True)
class Message:
    text: str
    plural: str
    where: str


def found() -> dict[str, Message]:
    """Every text, by itself, in the order in which they are met."""
    known: dict[str, Message] = {}
    for each in (*_python(), *_templates(), *_words()):
        known.setdefault(each.text, each)
    return known


def merge(path: Path) -> polib.POFile:
    """The catalogue with exactly the texts there are."""
    catalogue = polib.pofile(str(path))
    known = {entry.msgid: entry for entry in catalogue}
    merged = polib.POFile(wrapwidth=100)
    merged.metadata = catalogue.metadata
    for message in found().values():
        entry = known.get(message.text) or polib.POEntry(msgid=message.text)
        entry.occurrences = [(message.where, "")]
        if message.plural and not entry.msgid_plural:
            entry.msgid_plural, entry.msgstr_plural = message.plural, {0: "", 1: ""}
        entry.flags = ["python-format"] if "%(" in message.text else []
        merged.append(entry)
    return merged


def _python() -> Iterator[Message]:
    for name in PYTHON:
        base = SRC / name
        for path in sorted(base.rglob("*.py")) if base.is_dir() else [base]:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                    continue
                texts = [
                    each.value
                    for each in node.args[: _CALLS.get(node.func.id, 0)]
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                ]
                if texts:
                    plural = texts[1] if len(texts) > 1 else ""
                    yield Message(texts[0], plural, str(path.relative_to(SRC)))


def _templates() -> Iterator[Message]:
    for name in TEMPLATES:
        for path in sorted((SRC / "web" / "templates").glob(name)):
            for match in _IN_TEMPLATE.finditer(templatize(path.read_text("utf-8"))):
                plural = ast.literal_eval(match[3]) if match[1] and match[3] else ""
                where = str(path.relative_to(SRC))
                yield Message(ast.literal_eval(match[2]), plural, where)


def _words() -> Iterator[Message]:
    for kind in VOCABULARY:
        for term in terms(kind).values():
            yield Message(term.label, "", "policy/data/vocabulary.csv")
    for outcome in OUTCOMES.values():
        yield Message(outcome, "", "publish/policy/words.py")
    for place in PLACES:
        yield Message(place, "", "law/data")


def main(words: list[str]) -> int:
    stale = False
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        merged = merge(path)
        text, compiled = f"{merged}\n", merged.to_binary()
        binary = path.with_suffix(".mo")
        same = path.read_text("utf-8") == text
        same = same and binary.exists() and binary.read_bytes() == compiled
        stale = stale or not same
        if "--check" not in words:
            path.write_text(text, "utf-8")
            binary.write_bytes(compiled)
        missing = [entry.msgid for entry in merged if not entry.translated()]
        print(f"{path.parts[-3]}: {len(merged)} texts, {len(missing)} without a translation")
        for each in missing:
            print(f"  {each!r}")
    return int(stale and "--check" in words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
