"""Every diagnostic has a golden case: a file, and where and what is said about it.

A case begins with comment lines `# expect: LINE:COLUMN CODE`, or `# sound`.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from servanda import policy
from servanda.kernel import located
from servanda.policy.reading import loads

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
SOURCE = Path(policy.__file__).parents[1]
_EXPECT = re.compile(r"# expect: (?P<line>\d+):(?P<column>\d+) (?P<code>[a-z-]+)")

# Cases that no readable file can show, made here.
MADE = {
    "yaml-too-large": b"#" * (located.MAX_BYTES + 1),
    "yaml-encoding": b"servanda: \xff",
}


def expected(text: str) -> list[tuple[int, int, str]]:
    found = [_EXPECT.fullmatch(line) for line in text.splitlines()]
    return [(int(m["line"]), int(m["column"]), m["code"]) for m in found if m]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    text = path.read_text("utf-8")
    loaded = policy.load(path, shown=path.name, today="2026-11-23")
    got = [(d.line, d.column, d.code) for d in loaded.diagnostics]
    assert got == expected(text)
    assert bool(got) != text.startswith("# sound")
    errors = [d for d in loaded.diagnostics if d.severity == "error"]
    assert (loaded.policy is None) == bool(errors)
    for each in loaded.diagnostics:
        assert each.file == path.name
        assert each.message
        lines = text.splitlines()
        assert each.column <= len(lines[each.line - 1]) + 1 if lines else each.line == 1


@pytest.mark.parametrize("code", MADE)
def test_made_case(code: str) -> None:
    loaded = loads(MADE[code])
    assert [d.code for d in loaded.diagnostics] == [code]
    assert loaded.policy is None


def codes_in(*folders: str) -> set[str]:
    """Every diagnostic code written in the source of these packages."""
    found: set[str] = set()
    for folder in folders:
        for path in sorted((SOURCE / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                found |= _codes_of(node)
    return found


def _codes_of(node: ast.AST) -> set[str]:
    """Texts in kebab-case that stand where a code stands: in calls, and in tuples of a finding."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        place = {"error": 1, "warning": 1, "refuse": 0, "_note": 0, "_stop": 0, "_problem": 3}
        place |= {"_known": 1}
        if name in place and len(node.args) > place[name]:
            return _text(node.args[place[name]])
        return {
            code
            for keyword in node.keywords
            if keyword.arg == "custom_error_type"
            for code in _text(keyword.value)
        }
    if isinstance(node, ast.Tuple) and len(node.elts) == 3:
        return _text(node.elts[0])
    return set()


def _text(node: ast.AST) -> set[str]:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, str) and re.fullmatch(r"[a-z]+(-[a-z]+)+", value):
        return {value}
    return set()


def cases_cover(folder: Path) -> set[str]:
    files = (folder / "cases").glob("*.yaml")
    return {code for path in files for _, _, code in expected(path.read_text("utf-8"))}
