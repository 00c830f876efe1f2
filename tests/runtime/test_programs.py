"""Only programs on the list of servanda.toml are stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda.kernel.errors import UsageError
from servanda.kernel.predicate import Everything
from servanda.runtime import config
from servanda.runtime.registry import open_store
from servanda.stores.mapping import StoreConfig
from tests.connectors.command.customers import Crm, customer


@pytest.fixture
def crm(tmp_path: Path) -> Crm:
    return Crm.make(tmp_path, [customer(1, None), customer(2, None)])


def test_a_program_on_the_list_is_called(crm: Crm) -> None:
    store = open_store(StoreConfig("crm", crm.url), allow=[str(crm.program)])
    assert store.tally(crm.collection(), Everything()).count == 2


@pytest.mark.parametrize("allow", [(), ("/usr/bin/true",), ("crm",)])
def test_no_other_is(crm: Crm, allow: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=r"may not be called.*\[commands\] allow"):
        open_store(StoreConfig("crm", crm.url), allow=allow)


def test_another_name_of_an_allowed_program_is_another_program(crm: Crm) -> None:
    (crm.folder / "sh").symlink_to(crm.program)
    with pytest.raises(UsageError, match="may not be called"):
        open_store(StoreConfig("crm", f"command://{crm.folder}/sh"), allow=[str(crm.program)])


def test_a_program_that_anybody_may_change_is_not_called(crm: Crm) -> None:
    crm.program.chmod(0o777)
    with pytest.raises(UsageError, match="may be changed by anybody"):
        open_store(StoreConfig("crm", crm.url), allow=[str(crm.program)])


def test_the_list_in_servanda_toml(tmp_path: Path) -> None:
    toml = tmp_path / "servanda.toml"
    assert config.load(tmp_path).commands.allow == ()
    toml.write_text('[commands]\nallow = ["/usr/bin/crm", "/opt/a/b"]\n')
    assert config.load(tmp_path).commands.allow == ("/usr/bin/crm", "/opt/a/b")
    for wrong in ('"/usr/bin/crm"', '["crm"]', '["/usr/../bin/sh"]', "[1]"):
        toml.write_text(f"[commands]\nallow = {wrong}\n")
        with pytest.raises(UsageError, match=r"commands\.allow"):
            config.load(tmp_path)
