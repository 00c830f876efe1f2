"""A file gets a name that tells of nobody: never another's place, never lost, and told truly."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from servanda.connectors.files.renaming import new_name
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Among
from servanda.stores.mapping import RENAMED, Collection, Field, FilePart, SetText
from servanda.stores.port import Keys, RedactRows, Work
from tests.connectors.files.shelves import RECORDINGS, files, mapped, opened, paths, write

KEY = b"k" * 32
ANN, ALSO = "2026/03/01/in-200-02890180001-1.wav", "2026/03/02/in-200-02890180001-2.wav"
BOB = ["2026/03/01/in-200-02890180002-1.wav", "2026/03/02/in-200-02890180002-2.wav"]
_ROOT = Path(__file__).parents[3]


def renaming(*chosen: str, collection: Collection = RECORDINGS) -> Work:
    target = Among(("path",), tuple((each,) for each in chosen))
    return Work(collection, RedactRows((("name", RENAMED),)), target, None, KEY)


def renamed(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/{new_name(name, KEY)}"


def run(root: Path, work: Work) -> Keys:
    with opened(root) as store:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, work.target) as window:
            window.commit()
        assert store.present(work, window.keys).count == 0
        return window.keys


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for each in (ANN, ALSO, *BOB):
        write(tmp_path, each, text=each)
    return tmp_path


def test_hers_are_renamed_and_nothing_else(root: Path) -> None:
    keys = run(root, renaming(ANN, ALSO))
    assert paths(keys) == [ANN, ALSO]
    assert files(root) == sorted([renamed(ANN), renamed(ALSO), *BOB])
    assert (root / renamed(ANN)).read_text() == ANN
    assert [(root / each).read_text() for each in BOB] == BOB
    assert (root / renamed(ANN)).stat().st_nlink == 1


def test_a_window_left_uncommitted_changes_nothing(root: Path) -> None:
    work = renaming(ANN)
    with opened(root) as store, store.open(work, {}, work.target) as window:
        assert paths(window.keys) == [ANN]
        assert store.present(work, window.keys) == window.keys
    assert files(root) == sorted([ANN, ALSO, *BOB])


def test_once_is_enough(root: Path) -> None:
    run(root, renaming(ANN))
    assert run(root, renaming(renamed(ANN))).count == 0
    assert renamed(ANN) in files(root)


def test_a_neighbour_of_the_new_name_is_not_overwritten(root: Path) -> None:
    write(root, renamed(ANN), text="somebody else's")
    with pytest.raises(StoreRefused, match=r"1 of 2 records .*another file has the new name"):
        run(root, renaming(ANN, ALSO))
    assert (root / renamed(ANN)).read_text() == "somebody else's"
    assert (root / ANN).read_text() == ANN
    assert renamed(ALSO) in files(root)


def test_a_copy_that_a_restore_brought_back_goes(root: Path) -> None:
    run(root, renaming(ANN))
    write(root, ANN, text=ANN)
    run(root, renaming(ANN))
    assert files(root) == sorted([renamed(ANN), ALSO, *BOB])


def test_another_file_that_took_the_name_is_left(root: Path) -> None:
    work = renaming(ANN, ALSO)
    with opened(root) as store, store.open(work, {}, work.target) as window:
        (root / ANN).rename(root / "old")
        write(root, ANN, text="a new call")
        with pytest.raises(StoreRefused, match="changed while they were renamed"):
            window.commit()
    assert (root / ANN).read_text() == "a new call"
    assert renamed(ANN) not in files(root)
    assert renamed(ALSO) in files(root)


def test_a_name_that_is_swapped_at_the_last_moment(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def swapped(*args: Any, **options: Any) -> None:
        (root / ANN).rename(root / "old")
        write(root, ANN, text="a new call")
        link(*args, **options)

    monkeypatch.setattr(os, "link", swapped)
    with pytest.raises(StoreRefused, match="changed while they were renamed"):
        run(root, renaming(ANN))
    assert (root / ANN).read_text() == "a new call"
    assert renamed(ANN) not in files(root)


def test_where_no_file_has_two_names_it_is_renamed_at_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: Any, **options: Any) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refused)
    write(root, renamed(ALSO), text="somebody else's")
    with pytest.raises(StoreRefused, match="1 of 2 records"):
        run(root, renaming(ANN, ALSO))
    assert (root / renamed(ANN)).read_text() == ANN
    assert (root / renamed(ALSO)).read_text() == "somebody else's"
    assert (root / ALSO).read_text() == ALSO


@pytest.mark.parametrize("call", ["os.link", "os.unlink"])
def test_killed_half_way_it_is_ended_by_the_next(root: Path, call: str) -> None:
    """kill -9 before the new name, and between the new name and the old one's end."""
    code = (
        "import os, signal\n"
        "from pathlib import Path\n"
        f"from {__name__} import ALSO, ANN, renaming, run\n"
        f"{call} = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"run(Path({str(root)!r}), renaming(ANN, ALSO))\n"
    )
    env = {**os.environ, "PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}"}
    done = subprocess.run([sys.executable, "-c", code], env=env, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    there = {ANN, ALSO, *BOB, *([renamed(ANN)] if call == "os.unlink" else [])}
    assert set(files(root)) == there
    assert paths(run(root, renaming(ANN, ALSO))) == [ANN, ALSO]
    assert files(root) == sorted([renamed(ANN), renamed(ALSO), *BOB])
    assert [(root / renamed(each)).read_text() for each in (ANN, ALSO)] == [ANN, ALSO]
    assert [(root / each).read_text() for each in BOB] == BOB


def test_a_name_that_the_template_would_lose_is_refused(root: Path) -> None:
    narrow = mapped("{yyyy}/{mm}/{dd}/in-{to}-{who}-{n}.wav")
    with pytest.raises(StoreRefused, match="would not know the new names"):
        run(root, renaming(ANN, collection=narrow))
    assert files(root) == sorted([ANN, ALSO, *BOB])


@pytest.mark.parametrize("changes", [(("name", SetText("")),), (("size", RENAMED),), ()])
def test_nothing_else_of_a_file_is_overwritten(root: Path, changes: Any) -> None:
    work = replace(renaming(ANN), action=RedactRows(changes))
    with opened(root) as store, pytest.raises(StoreRefused, match="cannot be overwritten in part"):
        store.open(work, {}, work.target)
    sidecar = mapped("{yyyy}/{mm}/{dd}/{name}.wav", ".txt")
    with opened(root) as store, pytest.raises(StoreRefused, match="cannot be overwritten in part"):
        store.split(renaming(ANN, collection=sidecar), 100)
    assert files(root) == sorted([ANN, ALSO, *BOB])


def test_the_name_is_what_a_column_gets(root: Path) -> None:
    """See tests/connectors/sql/test_erase.py for the other side."""
    assert new_name("in-200-02890180001-1.wav", KEY).endswith(".wav")
    assert len(new_name("in-200-02890180001-1.wav", KEY)) == 35 + len(".wav")
    assert Field("name", FilePart("name"), (), RENAMED).erase == RENAMED
