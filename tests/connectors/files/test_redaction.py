"""Fields of log lines are overwritten, and nothing else of the line."""

from pathlib import Path

import pytest

from servanda.connectors.files import FileStore
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import (
    All,
    Compare,
    Contains,
    Erased,
    Missing,
    Not,
)
from servanda.stores.mapping import (
    Generalise,
    Pseudonym,
    SetNull,
    SetText,
)
from servanda.stores.port import RedactRows, Work
from tests.connectors.files.loglines import (
    EXPIRED,
    FIRST,
    LIVE,
    LOG,
    OLD,
    commit_all,
    line,
    redaction,
)

NOT_YET = All((EXPIRED, Not(Missing("caller"))))


def test_a_field_is_blanked_and_the_rest_of_its_line_stays(log_store: FileStore, log: Path) -> None:
    work = redaction(SetNull(), NOT_YET)
    assert commit_all(log_store, work) == 6
    assert (log / "queue_log").read_bytes().startswith(LIVE[0].replace(b"07001", b"     "))
    assert LIVE[1] in (log / "queue_log").read_bytes()
    assert (log / "queue_log.1").read_bytes() == b"".join(
        [FIRST[0].replace(b"07004", b""), *FIRST[1:3], FIRST[3].replace(b"07012", b"")]
    )
    assert log_store.tally(LOG, NOT_YET).count == 0
    assert log_store.split(work, 100) == []
    assert log_store.tally(LOG, Contains("caller", "07002")).count == 1


def test_a_replacement_that_does_not_fit_the_live_file_is_refused_before(
    log_store: FileStore, log: Path
) -> None:
    before = (log / "queue_log").read_bytes()
    work = redaction(SetText("somebody else"))
    with pytest.raises(StoreRefused, match="longer"):
        log_store.open(work, {}, EXPIRED)
    assert (log / "queue_log").read_bytes() == before


def test_rotated_files_take_a_replacement_of_any_length(log_store: FileStore, log: Path) -> None:
    target = All((EXPIRED, Compare("file", "!=", "queue_log")))
    work = redaction(Pseudonym(), target, b"k" * 32)
    assert commit_all(log_store, work) == 4
    names = {str(row[0]) for row in log_store.rows(LOG, target, ["caller"])}
    assert len(names) == 4
    assert all(name.startswith("ps_") and len(name) == 35 for name in names)
    assert log_store.split(work, 100) == []
    work = redaction(Generalise("number", 10), All((Compare("caller", "=", "07005"),)))
    assert commit_all(log_store, work) == 1
    assert b"|7000|" in (log / "queue_log.1").read_bytes()


def test_a_group_that_is_not_of_the_line_is_not_overwritten(log_store: FileStore) -> None:
    work = Work(LOG, RedactRows((("file", SetNull()),)), EXPIRED)
    with pytest.raises(StoreRefused, match="no part of a line"):
        log_store.split(work, 100)


def test_what_could_not_be_generalised_is_blank_and_not_due_again(
    log_store: FileStore, log: Path
) -> None:
    (log / "queue_log.3").write_bytes(line(OLD, "unknown") + line(OLD, "07013"))
    target = All((EXPIRED, Compare("file", "=", "queue_log.3"), Not(Erased("caller", "number:10"))))
    assert commit_all(log_store, redaction(Generalise("number", 10), target)) == 2
    assert list(log_store.rows(LOG, Compare("file", "=", "queue_log.3"), ["caller"])) == [
        ("",),
        ("7010",),
    ]
    assert log_store.tally(LOG, target).count == 0
