"""A queue log, live and rotated, and how the tests sweep it."""

from datetime import UTC, datetime

from servanda.connectors.files import FileStore
from servanda.kernel.predicate import (
    ClockBy,
)
from servanda.stores.mapping import (
    Clock,
    Collection,
    Erasure,
    Field,
    FileLayout,
    FilePart,
    SetNull,
)
from servanda.stores.port import RedactRows, Work

LOG = Collection(
    store="logs",
    name="queue",
    source="queue_log",
    activity="call-recording",
    key=(),
    clocks=(Clock("logged", FilePart("group", "at"), "epoch_s"),),
    fields=(
        Field("at", FilePart("group", "at")),
        Field("event", FilePart("group", "event")),
        Field("caller", FilePart("group", "caller"), ("contact.phone",), SetNull()),
        Field("file", FilePart("name")),
    ),
    files=FileLayout(
        "queue_log",
        lines=r"(?P<at>\d+)\|(?P<call>[^|]*)\|(?P<event>[A-Z]+)\|(?P<caller>[^|]*)",
        rotated="queue_log.{rest}",
    ),
)
CUTOFF = datetime(2025, 1, 1, tzinfo=UTC)
EXPIRED = ClockBy("logged", CUTOFF)
OLD, NEW = 1_700_000_000, 1_750_000_000


def line(at: int, caller: str, event: str = "ENTER") -> bytes:
    return f"{at}|{at}.1|{event}|{caller}|1\n".encode()


LIVE = [
    line(OLD, "07001"),
    line(NEW, "07002"),
    b"not a line of ours \xe9\n",
    b"\n",
    line(OLD + 1, "07003"),
]
FIRST = [line(OLD - 9, "07004"), line(NEW - 9, "07005"), b"caf\xe9 unparsed\n", line(OLD, "07012")]
PACKED = [line(OLD - 99, "07006"), line(OLD - 98, "07007"), line(NEW - 99, "07008")]


def commit_all(store: FileStore, work: Work, rows_per_window: int = 100) -> int:
    count = 0
    for bounds in store.split(work, rows_per_window):
        with store.open(work, bounds, work.target) as window:
            assert store.present(work, window.keys) == window.keys
            window.commit()
            assert store.present(work, window.keys).count == 0
            count += window.keys.count
    return count


def redaction(how: Erasure, target: object = EXPIRED, key: bytes = b"") -> Work:
    return Work(LOG, RedactRows((("caller", how),)), target, pseudonym_key=key)  # type: ignore[arg-type]
