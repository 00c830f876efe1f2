"""The Asterisk packs on a real Asterisk: calls, recordings, events, messages, the queue log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from servanda.apply.requests import act, scan
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import actor, planned, wish
from tests.packs.company import LATELY, LONG_AGO, company, look, sweep
from tests.services.ageing import age_call, age_voicemail
from tests.services.asterisk import Asterisk, Call

pytestmark = [pytest.mark.services]

ANN, BO = "+442890180001", "+442890180002"


def exchange(asterisk: Asterisk, folder: Path) -> Workspace:
    return company(
        folder / "jtec",
        pbx=("asterisk", asterisk.database_url),
        recordings=("asterisk-recordings", asterisk.monitor_dir.as_uri()),
        voicemail=("asterisk-voicemail", asterisk.voicemail_dir.as_uri()),
    )


def mentions(asterisk: Asterisk, number: str) -> dict[str, int]:
    """Where a caller's number still stands: rows of any column, names, and texts of files."""
    found: dict[str, int] = {}
    for table in ("cdr", "cel"):
        rows: list[tuple[Any, ...]] = asterisk.mariadb.execute(
            f"SELECT * FROM {table}", database=asterisk.database
        )
        found[table] = sum(any(number in str(value) for value in row) for row in rows)
    spool = [path for path in asterisk.spool.rglob("*") if path.is_file()]
    found["names"] = sum(number in path.name for path in spool)
    found["texts"] = sum(number.encode() in path.read_bytes() for path in spool)
    return found


def rows_of(asterisk: Asterisk, call: Call) -> list[tuple[Any, ...]]:
    statement = f"SELECT * FROM {{}} WHERE linkedid = '{call.linkedid}' ORDER BY 1, uniqueid"
    return [
        row
        for table in ("cdr", "cel")
        for row in asterisk.mariadb.execute(statement.format(table), database=asterisk.database)
    ]


@pytest.mark.slow
def test_an_expired_call_leaves_nothing_and_its_neighbours_everything(
    fresh_asterisk: Asterisk, tmp_path: Path
) -> None:
    asterisk = fresh_asterisk
    old, passed_on = asterisk.start_call(ANN, "200"), asterisk.start_call(ANN, "220")
    recent, today = asterisk.start_call(BO, "210"), asterisk.start_call(BO, "200")
    for call in (old, passed_on, recent, today):
        asterisk.wait_for(call)
    gone = [age_call(asterisk, call, LONG_AGO) for call in (old, passed_on)]
    kept = [age_call(asterisk, recent, LATELY), asterisk.recording(today)]
    before = mentions(asterisk, ANN)
    assert all(before[place] for place in ("cdr", "cel", "names"))
    assert all(path is not None and path.exists() for path in (*gone, *kept))
    neighbours = rows_of(asterisk, recent) + rows_of(asterisk, today)

    with exchange(asterisk, tmp_path) as workspace:
        found = look(workspace)
        assert found.complete, found.entry()
        counts, _ = sweep(workspace)

    assert counts["recordings.calls"] == 2
    assert counts["pbx.cdr"] == 5  # one leg of the call that was passed on shows no caller
    assert counts["pbx.cel"] > 0
    assert mentions(asterisk, ANN) == {"cdr": 0, "cel": 0, "names": 0, "texts": 0}
    assert rows_of(asterisk, recent) + rows_of(asterisk, today) == neighbours
    assert all(path is not None and path.exists() for path in kept)
    assert not (asterisk.monitor_dir / f"{LONG_AGO:%Y}").exists()
    assert len(asterisk.rows(asterisk.originate(BO))) == 2  # it takes and records calls as before


@pytest.mark.slow
def test_a_call_that_is_an_engineers_too_loses_the_callers_number_and_keeps_its_recording(
    fresh_asterisk: Asterisk, tmp_path: Path
) -> None:
    """Both calls were passed on to a mobile; one of the callers is erased."""
    asterisk = fresh_asterisk
    hers, his = asterisk.start_call(ANN, "220"), asterisk.start_call(BO, "220")
    for call in (hers, his):
        asterisk.wait_for(call)
    tape, other = asterisk.recording(hers), asterisk.recording(his)
    assert tape is not None
    assert other is not None
    sounds = tape.read_bytes(), other.read_bytes()
    neighbours = rows_of(asterisk, his)
    assert all(mentions(asterisk, ANN)[place] for place in ("cdr", "cel", "names"))

    with exchange(asterisk, tmp_path) as workspace, actor(workspace) as acting:
        plan = planned(workspace, [wish("1", (("phone", ANN),))])
        done = act(plan, acting)
        assert done.complete, done.stores
        found = scan(plan, done, planned(workspace, [wish("1", (("phone", ANN),))]), acting)

    assert found.clean, found.traces
    left = mentions(asterisk, ANN)
    assert (left["cdr"], left["cel"], left["names"]) == (0, 0, 0)
    names = {file for *_, file in asterisk.rows(hers) if file}
    (renamed,) = tape.parent.glob("ps_*.wav")
    assert names == {renamed.name}
    assert (renamed.read_bytes(), other.read_bytes()) == sounds
    assert not tape.exists()
    assert rows_of(asterisk, his) == neighbours
    assert len(asterisk.rows(asterisk.originate(BO))) == 2  # it takes and records calls as before


@pytest.mark.slow
def test_the_messages_that_remain_are_announced_and_played(
    fresh_asterisk: Asterisk, tmp_path: Path
) -> None:
    asterisk = fresh_asterisk
    messages = [asterisk.leave_voicemail(who, name="Caller") for who in (ANN, BO, ANN, BO)]
    sounds = {path: path.with_suffix(".wav").read_bytes() for path in messages}
    for old in (messages[0], messages[2]):
        age_voicemail(old, LONG_AGO)
    assert mentions(asterisk, ANN)["texts"] == 2

    with exchange(asterisk, tmp_path) as workspace:
        assert look(workspace).complete
        counts, _ = sweep(workspace)

    assert counts["voicemail.messages"] == 2
    assert mentions(asterisk, ANN)["texts"] == 0
    assert sorted(path.name for path in asterisk.inbox.iterdir()) == [
        f"msg000{number}.{ending}" for number in (0, 1) for ending in ("WAV", "txt", "wav")
    ]
    assert asterisk.voicemail_count() == (2, 0)
    remaining = [(asterisk.inbox / f"msg000{n}.wav").read_bytes() for n in (0, 1)]
    assert remaining == [sounds[messages[1]], sounds[messages[3]]]
    added = asterisk.leave_voicemail(ANN, name="Caller")
    assert added.name == "msg0002.txt"
    heard = asterisk.listen_voicemail()
    assert heard.new == 3
    assert heard.played == ["INBOX/msg0000", "INBOX/msg0001", "INBOX/msg0002"]


@pytest.mark.slow
def test_the_queue_log_is_swept_while_asterisk_writes_it(
    fresh_asterisk: Asterisk, tmp_path: Path
) -> None:
    asterisk = fresh_asterisk
    old, new = asterisk.queue_call(ANN), asterisk.queue_call(BO)
    age_call(asterisk, old, LONG_AGO)
    lines = asterisk.queue_log.read_text().splitlines()
    assert sum(ANN in line for line in lines) == 1
    size, inode = asterisk.queue_log.stat().st_size, asterisk.queue_log.stat().st_ino
    queue = ("asterisk-queue-log", asterisk.queue_log.parent.as_uri())
    pbx = ("asterisk", asterisk.database_url)
    with company(tmp_path / "jtec", queue=queue, pbx=pbx) as workspace:
        assert look(workspace).complete
        counts, _ = sweep(workspace)
    assert counts["queue.queue"] == sum(f"|{old.uniqueid}|" in line for line in lines)
    left = asterisk.queue_log.read_text()
    assert ANN not in left
    assert [line for line in lines if f"|{new.uniqueid}|" in line] == [
        line for line in left.splitlines() if f"|{new.uniqueid}|" in line
    ]
    assert (asterisk.queue_log.stat().st_size, asterisk.queue_log.stat().st_ino) == (size, inode)
    later = asterisk.queue_call(ANN)
    assert f"|{later.uniqueid}|" in asterisk.queue_log.read_text()  # it never noticed
