"""A real Asterisk with real calls, but no telephones. Ready in about 0.3 s.

A call is a Local channel: one half is the person outside, the other runs the dial plan
(`asterisk_etc/extensions.conf`): 200 the help desk, 210 passed on to an agent, 220 to a mobile,
300 voicemail, 400 a queue with an agent, 410 one where nobody picks up, 500 listening to mailbox
200. Calls take their time: people speak in seconds.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.services.asterisk_server import AsteriskServer, installed
from tests.services.mailbox import Heard, listen
from tests.services.mariadb import MariaDB

__all__ = ["Asterisk", "Call", "Heard", "installed"]

# Every channel which runs the dial plan leaves a call record, and so does the person outside.
UNRECORDED = """
SELECT count(*) FROM cel WHERE linkedid = '{0}' AND eventtype = 'CHAN_START'
AND (uniqueid = '{0}' OR channame LIKE '%;2') AND uniqueid NOT IN (SELECT uniqueid FROM cdr)
"""


@dataclass(frozen=True)
class Call:
    """One call from outside. All its rows carry `linkedid`; the dial plan's half is `uniqueid`."""

    caller_id: str
    exten: str
    linkedid: str
    uniqueid: str


class Asterisk(AsteriskServer):
    """An exchange and the people who call it."""

    def __init__(self, mariadb: MariaDB, *, database: str = "asteriskcdrdb") -> None:
        self._numbers = itertools.count(1)
        super().__init__(mariadb, database=database)

    def originate(
        self, caller_id: str, exten: str = "200", *, name: str = "", seconds: float = 1
    ) -> Call:
        """Make a call in which people speak for `seconds`, and wait for its rows and recording."""
        call = self.start_call(caller_id, exten, name=name, seconds=seconds)
        self.wait_for(call, seconds=seconds + 30)
        return call

    def queue_call(self, caller_id: str, *, name: str = "", answered: bool = True) -> Call:
        """Call the help desk's queue; unanswered, the caller gives up after two seconds."""
        call = self.start_call(
            caller_id, "400" if answered else "410", name=name, hang_up_after=30 if answered else 2
        )
        self.wait_for(call)
        last = "COMPLETE" if answered else "ABANDON"
        self._wait(lambda: last in self._queue_lines(call), 10, "the queue log stayed silent")
        return call

    def leave_voicemail(self, caller_id: str, *, name: str = "", seconds: float = 1) -> Path:
        """Leave a message in mailbox 200 and return its .txt file."""
        call = self.start_call(caller_id, "300", name=name, hang_up_after=seconds + 0.5)
        self.wait_for(call)
        channel = self._select("channel", f"uniqueid = '{call.uniqueid}'")[0][0]
        for text in sorted(self.inbox.glob("msg*.txt")):
            if f"callerchan={channel}\n" in text.read_text():
                return text
        raise AssertionError("the message is not in the mailbox")

    def listen_voicemail(self, *, pin: str = "1234") -> Heard:
        """Call the mailbox as its owner; what was heard moves from INBOX to Old, as it does."""
        call = self.start_call("200", "500", name="Help Desk", far_end="listen", hang_up_after=120)
        heard = listen(self, call.uniqueid, pin)
        self.wait_for(call)
        return heard

    def voicemail_count(self) -> tuple[int, int]:
        """Return how many new and old messages Asterisk counts, as the lamp on a phone would."""
        counted = dict(self.manager.action("MailboxCount", Mailbox="200@default"))
        return int(counted["NewMessages"]), int(counted["OldMessages"])

    def start_call(
        self,
        caller_id: str,
        exten: str = "200",
        *,
        name: str = "",
        seconds: float = 1,
        hang_up_after: float = 60,
        far_end: str = "speak",
    ) -> Call:
        """Make a call and return at once; many may run together. See `wait_for`."""
        number = next(self._numbers) * 1000
        began = int(time.time())
        call = Call(caller_id, exten, f"{began}.{number}", f"{began}.{number + 1}")
        self.manager.action(
            "Originate",
            Channel=f"Local/{exten}@from-trunk/n",
            Context="far-end",
            Exten=far_end,
            Priority="1",
            CallerID=f'"{name}" <{caller_id}>',
            ChannelId=call.linkedid,
            OtherChannelId=call.uniqueid,
            Variable=f"__SECONDS={seconds},LIMIT={hang_up_after},__DID=3130000000",
            Async="true",
        )
        return call

    def wait_for(self, call: Call, *, seconds: float = 60) -> None:
        """Wait until the call is over, its records are written and its recording is closed."""
        self._wait(lambda: self._over(call), seconds, "the call did not end")
        self._wait(lambda: self._recorded(call), 10, "the recording was not closed")

    def rows(self, call: Call) -> list[tuple[Any, ...]]:
        """Return (src, dst, cnum, uniqueid, recordingfile) of each of the call's records."""
        return self._select(
            "src, dst, cnum, uniqueid, recordingfile", f"linkedid = '{call.linkedid}'"
        )

    def recording(self, call: Call) -> Path | None:
        """Return the sound file of the call, wherever it was filed."""
        return next(self.monitor_dir.rglob(f"*-{call.uniqueid}.wav"), None)

    def _select(self, columns: str, where: str) -> list[tuple[Any, ...]]:
        return self.mariadb.execute(
            f"SELECT {columns} FROM cdr WHERE {where} ORDER BY sequence", database=self.database
        )

    def _over(self, call: Call) -> bool:
        ended = f"linkedid = '{call.linkedid}' AND eventtype = 'LINKEDID_END'"
        events = f"SELECT count(*) FROM cel WHERE {ended}"
        unrecorded = UNRECORDED.format(call.linkedid)
        return self.mariadb.execute(events, database=self.database) == [
            (1,)
        ] and self.mariadb.execute(unrecorded, database=self.database) == [(0,)]

    def _recorded(self, call: Call) -> bool:
        where = f"uniqueid = '{call.uniqueid}' AND recordingfile <> ''"
        channels = [channel for (channel,) in self._select("channel", where)]
        log = self.full_log.read_text(errors="replace") if channels else ""
        return all(f"End MixMonitor Recording {channel}\n" in log for channel in channels)

    def _queue_lines(self, call: Call) -> str:
        lines = self.queue_log.read_text().splitlines()
        return "\n".join(line for line in lines if line.split("|")[1] == call.uniqueid)

    def _wait(self, done: Callable[[], bool], seconds: float, otherwise: str) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError(otherwise)
            time.sleep(0.05)
