"""Makes what an Asterisk holds older than it is: rows, file names, file times and texts alike."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

from tests.services.asterisk import Asterisk, Call


def age_call(asterisk: Asterisk, call: Call, when: datetime) -> Path | None:
    """Let the call have happened at `when`; return where its recording is now.

    The records and events, the folder, name and time of the recording, the name in
    `recordingfile` and the lines of the queue log all change. The identifiers stay: nothing reads
    their date.
    """
    moment = when.astimezone(UTC)
    stamp = f"{moment:%Y-%m-%d %H:%M:%S}"
    recording = asterisk.recording(call)
    statements = [
        f"UPDATE cdr SET calldate = '{stamp}' WHERE linkedid = '{call.linkedid}'",
        f"UPDATE cel SET eventtime = '{stamp}' WHERE linkedid = '{call.linkedid}'",
    ]
    if recording is not None:
        name = re.sub(r"-\d{8}-\d{6}-", f"-{moment:%Y%m%d-%H%M%S}-", recording.name)
        statements.append(
            f"UPDATE cdr SET recordingfile = '{name}' WHERE uniqueid = '{call.uniqueid}'"
        )
        folder = asterisk.monitor_dir / f"{moment:%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        recording = recording.rename(folder / name)
        _touch(recording, moment)
    for statement in statements:
        asterisk.mariadb.execute(statement, database=asterisk.database)
    lines = asterisk.queue_log.read_text().splitlines(keepends=True)
    asterisk.queue_log.write_text("".join(_aged_line(line, call, moment) for line in lines))
    return recording


def age_voicemail(message: Path, when: datetime) -> None:
    """Let the message (its .txt file) have been left at `when`, sound files included."""
    moment = when.astimezone(UTC)
    text = message.read_text()
    text = re.sub(r"(?m)^origtime=.*$", f"origtime={int(moment.timestamp())}", text)
    text = re.sub(r"(?m)^origdate=.*$", f"origdate={moment:%a %b %d %I:%M:%S %p UTC %Y}", text)
    message.write_text(text)
    for part in message.parent.glob(f"{message.stem}.*"):
        _touch(part, moment)


def age_full_log(asterisk: Asterisk, number: str, when: datetime) -> None:
    """Let every line of the log of everything that names this number have been written then."""
    stamp = f"[{when.astimezone(UTC):%Y-%m-%d %H:%M:%S}]"
    lines = asterisk.full_log.read_text().splitlines(keepends=True)
    aged = [re.sub(r"^\[[^\]]*\]", stamp, line) if number in line else line for line in lines]
    asterisk.full_log.write_text("".join(aged))


def _aged_line(line: str, call: Call, moment: datetime) -> str:
    _, _, rest = line.partition("|")
    return f"{int(moment.timestamp())}|{rest}" if rest.startswith(f"{call.uniqueid}|") else line


def _touch(path: Path, moment: datetime) -> None:
    os.utime(path, (moment.timestamp(), moment.timestamp()))
