"""Settings change while somebody works: the old stores close when they are done, and not before."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from servanda import state
from servanda.runtime import hub, openstores
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import build_house


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[openstores.OpenStores]:
    """Whose stores were closed, in order."""
    found: list[openstores.OpenStores] = []
    close = openstores.OpenStores.close

    def told(self: openstores.OpenStores) -> None:
        found.append(self)
        close(self)

    monkeypatch.setattr(openstores.OpenStores, "close", told)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    build_house(tmp_path)
    hub.begin(Workspace.open(tmp_path))
    hub.workspace().use_state()
    gc.disable()  # so that what is freed is freed because nobody has it, and at once
    yield tmp_path
    gc.enable()
    hub.workspace().close()
    hub._left.clear()
    state.close()


def edit(folder: Path) -> None:
    """As if somebody had saved the file anew."""
    path, new = folder / "stores.yaml", folder / "new.yaml"
    new.write_text(path.read_text() + "\n")
    new.replace(path)


def test_stores_of_an_older_workspace_close_with_its_last_user(
    folder: Path, closed: list[openstores.OpenStores]
) -> None:
    old: Any = hub.workspace()
    assert old.stores["crm"]  # opened
    _, _, _ = old.site, old.desk, old.packages  # whatever else it keeps
    used = old._opened
    edit(folder)
    new = hub.workspace()
    assert new is not old
    hub.workspace()
    assert closed == []  # somebody works with it
    opened = new.stores
    del old
    assert closed == []  # whoever lets go closes nothing: they may be in the midst of anything
    assert hub.workspace() is new
    assert closed == [used]
    assert new._opened is not used and opened["crm"] is hub.workspace().stores["crm"]


def test_many_threads_close_each_once_and_none_that_is_used(
    folder: Path, closed: list[openstores.OpenStores]
) -> None:
    seen: list[openstores.OpenStores] = []
    wrong: list[str] = []
    stop = threading.Event()

    def work() -> None:
        try:
            while not stop.is_set():
                found = hub.workspace()
                assert found.stores["crm"]
                if found._opened in closed:
                    wrong.append("closed under its user")
        except Exception as error:  # told below, in the thread that fails the test
            wrong.append(repr(error))
        finally:
            state.close_thread()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for _ in range(5):
        seen.append(hub.workspace()._opened)
        edit(folder)
        hub.workspace()
    stop.set()
    for each in threads:
        each.join()
    now = hub.workspace()
    assert wrong == []
    assert now._opened not in closed
    assert sorted(map(id, closed)) == sorted(map(id, seen))  # each once, and no other


def test_files_that_are_wrong_close_nothing(
    folder: Path, closed: list[openstores.OpenStores]
) -> None:
    old = hub.workspace()
    (folder / "stores.yaml").write_text("stores: [")
    assert hub.workspace() is old and hub.fault() is not None
    del old
    hub.workspace()
    assert closed == []
