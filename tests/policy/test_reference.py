"""The reference is what the languages say, and real files satisfy the schemas."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import servanda
from servanda import policy, stores
from servanda.kernel import located
from servanda.policy import vocabulary
from servanda.policy.controls import FIXED

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
NAMES = ["law.md", "policy.md", "policy.schema.json", "stores.md", "stores.schema.json"]
TEMPLATES = Path(servanda.__file__).parent / "policy" / "templates"
SCHEMAS = {"policy": policy.schema(), "stores": stores.schema()}
WRITTEN = sorted(
    path
    for name in ("policy.yaml", "stores.yaml")
    for path in (*ROOT.glob(f"examples/*/{name}"), TEMPLATES / name)
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    tool = ROOT / "tools" / "gen-reference"
    subprocess.run([sys.executable, tool, folder], check=True, capture_output=True)
    return folder


def read(text: bytes, name: str) -> Any:
    """The plain data the product itself reads; dates stay text."""
    found, wrong = located.parse(text, name)
    assert found is not None and not wrong
    return found.data


def example(page: str) -> bytes:
    found = re.search(r"```yaml\n(.*?)```", (REFERENCE / page).read_text("utf-8"), re.S)
    assert found is not None
    return found[1].encode()


def errors(language: str, data: Any) -> list[str]:
    return [each.message for each in Draft202012Validator(SCHEMAS[language]).iter_errors(data)]


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_file_is_what_the_language_says(made: Path, name: str) -> None:
    fresh = (made / name).read_text("utf-8")
    assert (REFERENCE / name).read_text("utf-8") == fresh, "run tools/gen-reference"


def test_nothing_else_is_written(made: Path) -> None:
    assert sorted(path.name for path in made.iterdir()) == NAMES


@pytest.mark.parametrize("path", WRITTEN, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_files_people_wrote_satisfy_the_schema(path: Path) -> None:
    assert errors(path.stem, read(path.read_bytes(), path.name)) == []


def test_there_are_files_of_both_languages() -> None:
    assert {path.stem for path in WRITTEN} == {"policy", "stores"}
    assert len(WRITTEN) >= 9


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("policy.activities.repairs.keep", "1 day"),
        ("policy.activities.repairs.data", ["name", "shoe_size"]),
        ("policy.activities.repairs.retain.at_most", "soon"),
        ("policy.promises.P-1.says", None),
        ("stores.stores.workshop.mode", "watch"),
        ("stores.stores.workshop.limit.connections", 0),
        ("stores.stores.workshop.collections.repairs.fields.id", "shoe_size"),
    ],
)
def test_the_schema_sees_a_fault(path: str, value: object) -> None:
    language, *steps, key = path.split(".")
    data = inner = read(example(f"{language}.md"), language)
    assert errors(language, data) == []
    for step in steps:
        inner = inner[step]
    inner[key] = value
    assert len(errors(language, data)) == 1


@pytest.mark.parametrize("language", SCHEMAS)
def test_the_schema_is_sound_and_describes_every_object_and_key(language: str) -> None:
    schema = SCHEMAS[language]
    Draft202012Validator.check_schema(schema)
    named = {"": schema, **schema["$defs"]}
    assert [name for name, each in named.items() if not each.get("description")] == []
    bare = [
        f"{name}.{key}"
        for name, each in named.items()
        for key, value in each["properties"].items()
        if not {**schema["$defs"].get(str(value.get("$ref"))[8:], {}), **value}.get("description")
    ]
    assert bare == []


def test_the_examples_on_the_pages_are_sound(tmp_path: Path) -> None:
    """Servanda itself reads them without a word, the stores against the policy."""
    for name in SCHEMAS:
        (tmp_path / f"{name}.yaml").write_bytes(example(f"{name}.md"))
    told = policy.load(tmp_path / "policy.yaml", today="2026-11-23")
    assert told.policy is not None
    assert told.diagnostics == []
    where = stores.load(tmp_path / "stores.yaml", told.policy, {}, today="2026-11-23")
    assert where.diagnostics == []
    assert [config.name for config in where.configs] == ["workshop"]


def test_the_pages_name_every_object_key_word_and_control() -> None:
    page = (REFERENCE / "policy.md").read_text("utf-8")
    words = {
        id
        for kind in ("data", "purpose", "basis", "subject", "event")
        for id in vocabulary.terms(kind)
    }
    assert [each for each in (*sorted(words), *FIXED) if f"| `{each}` |" not in page] == []
    for language, schema in SCHEMAS.items():
        page = (REFERENCE / f"{language}.md").read_text("utf-8")
        keys = {key for each in schema["$defs"].values() for key in each["properties"]}
        assert [key for key in sorted(keys) if f"| `{key}` |" not in page] == []
        assert page.count("| key |") == len(schema["$defs"]) + 1


@pytest.mark.parametrize("page", ["policy.md", "stores.md"])
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    for target, anchor in re.findall(
        r"\]\(([^)#]*)(?:#([^)]*))?\)", (REFERENCE / page).read_text()
    ):
        assert (REFERENCE / (target or page)).is_file()
        if anchor:
            text = (REFERENCE / (target or page)).read_text("utf-8")
            heads = re.findall(r"^## (.*)$", text, re.M)
            assert heads.count(anchor.replace("-", " ").capitalize()) == 1, anchor
