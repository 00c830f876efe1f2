"""Whatever stores.yaml or a pack holds, reading it ends in stores or in located errors."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda import policy, stores
from servanda.kernel.located import parse
from servanda.policy.rules import Policy
from tests.policy.mutations import spoilt_bytes, spoilt_data, spoilt_text
from tests.policy.test_malformed import many, well_told

HERE = Path(__file__).parent
SOUND = (HERE / "full.yaml").read_bytes()
PACK = (HERE / "cases/packs/shop/pack.yaml").read_bytes()
_LOCATED, _ = parse(SOUND, "full.yaml")
_PACK_LOCATED, _ = parse(PACK, "pack.yaml")
assert _LOCATED is not None
assert _PACK_LOCATED is not None
ENV = {"PW": "s3cret-of-the-test"}


@pytest.fixture(scope="module")
def the_policy() -> Policy:
    return policy.load(HERE / "policy.yaml", today="2026-11-23").require()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("stores")
    shutil.copytree(HERE / "cases/packs", made / "packs")
    (made / "stores.yaml").write_bytes(SOUND)
    yield made


def check(folder: Path, the_policy: Policy, source: bytes) -> None:
    (folder / "stores.yaml").write_bytes(source)
    loaded = stores.load(
        folder / "stores.yaml", the_policy, ENV, shown="stores.yaml", today="2026-11-23"
    )
    own = [d for d in loaded.diagnostics if d.file == "stores.yaml"]
    well_told(own, source, "stores.yaml")
    assert all(d.file.startswith("packs/") for d in loaded.diagnostics if d not in own)
    errors = [d for d in loaded.diagnostics if d.severity == "error"]
    assert bool(errors) != bool(loaded.configs)
    assert not any(ENV["PW"] in str(d) for d in loaded.diagnostics)


def test_what_is_spoilt_was_sound(folder: Path, the_policy: Policy) -> None:
    (folder / "stores.yaml").write_bytes(SOUND)
    loaded = stores.load(folder / "stores.yaml", the_policy, ENV, today="2026-11-23")
    assert loaded.diagnostics == []
    assert [c.name for c in loaded.configs] == ["web", "files", "shop"]


@many
@given(spoilt_data(_LOCATED.data))
def test_spoilt_data(folder: Path, the_policy: Policy, source: bytes) -> None:
    check(folder, the_policy, source)


@many
@given(spoilt_text(SOUND.decode()))
def test_spoilt_text(folder: Path, the_policy: Policy, source: bytes) -> None:
    check(folder, the_policy, source)


@many
@given(spoilt_bytes(SOUND))
def test_spoilt_bytes(folder: Path, the_policy: Policy, source: bytes) -> None:
    check(folder, the_policy, source)


@many
@given(st.one_of(spoilt_data(_PACK_LOCATED.data), spoilt_text(PACK.decode()), spoilt_bytes(PACK)))
def test_spoilt_pack(folder: Path, the_policy: Policy, source: bytes) -> None:
    pack = folder / "packs/shop/pack.yaml"
    try:
        pack.write_bytes(source)
        check(folder, the_policy, SOUND)
    finally:
        pack.write_bytes(PACK)
