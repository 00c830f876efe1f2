"""The Asterisk process: its folder, its configuration, its life.

The program comes from the folder which `tools/install-services` fills (a Debian that still
packages it). It runs there in a mount namespace of its own and sees the folder of the test as
/srv/servanda, so that two of them never meet.
"""

import os
import secrets
import shutil
import signal
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from tests.services.ami import Manager
from tests.services.mariadb import MariaDB
from tests.services.ports import HOST, accepts, free_port
from tests.services.process import Server, ServerError, find_program, temporary_folder

ROOT = Path(os.environ.get("SERVANDA_ASTERISK_ROOT", "/var/lib/servanda-tests/asterisk"))
HERE = Path(__file__).parent
INSIDE = "/srv/servanda"

# No fork on the way: the process which is started becomes Asterisk.
ENTER = f"""
mount --bind "$1" "$2{INSIDE}" &&
exec setpriv --pdeathsig KILL chroot "$2" /usr/sbin/asterisk -f -C {INSIDE}/etc/asterisk.conf
"""


def installed() -> bool:
    """Say whether the Asterisk folder is there and can be entered."""
    return (ROOT / "usr/sbin/asterisk").exists() and find_program("unshare") is not None


class AsteriskServer:
    """An exchange of its own, with its call records in a database of a MariaDB service."""

    def __init__(self, mariadb: MariaDB, *, database: str = "asteriskcdrdb") -> None:
        began = time.monotonic()
        if not installed():
            raise FileNotFoundError("Asterisk is not installed")
        self.mariadb = mariadb
        self.database = database
        self.database_url = mariadb.create_database(database)
        for statement in (HERE / "asterisk_tables.sql").read_text().split(";\n"):
            if statement.strip():
                mariadb.execute(statement, database=database)
        self.folder = temporary_folder("asterisk")
        self._port = free_port()
        self._secret = secrets.token_hex(8)
        self._server: Server | None = None
        self._manager: Manager | None = None
        self._configure()
        self.start()
        self.start_seconds = time.monotonic() - began

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    @property
    def monitor_dir(self) -> Path:
        """Recordings: YYYY/MM/DD/in-EXTEN-CALLER-DATE-TIME-UNIQUEID.wav."""
        return self.spool / "monitor"

    @property
    def voicemail_dir(self) -> Path:
        """Mailboxes: default/200/INBOX/msg0000.{txt,wav,WAV}."""
        return self.spool / "voicemail"

    @property
    def inbox(self) -> Path:
        """The new messages of mailbox 200."""
        return self.voicemail_dir / "default" / "200" / "INBOX"

    @property
    def queue_log(self) -> Path:
        return self.folder / "log" / "queue_log"

    @property
    def full_log(self) -> Path:
        """What Asterisk says it does, callers' numbers included."""
        return self.folder / "log" / "full"

    @property
    def manager(self) -> Manager:
        if self._manager is None:
            self._manager = Manager(self._port, self._secret)
        return self._manager

    def cli(self, line: str) -> str:
        """Run a line of Asterisk's command interface and return what it prints."""
        return self.manager.command(line)

    def start(self) -> None:
        """Start Asterisk, unless it runs, and wait until it is fully booted."""
        if self._server is not None and self._server.alive:
            return
        self._forget_manager()
        unshare = find_program("unshare")
        assert unshare is not None
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        self._server = Server(
            [unshare, "--mount", *as_root, "sh", "-c", ENTER, "sh", self.folder, ROOT],
            log=self.folder / "log" / "console",
            env={"ODBCSYSINI": f"{INSIDE}/etc", "TZ": "UTC", "HOME": "/tmp"},
        )
        self._server.wait_until(lambda: accepts(self._port))
        if "fully booted" not in self.cli("core waitfullybooted"):
            raise ServerError("Asterisk did not finish booting")

    def stop(self) -> None:
        """Shut Asterisk down, hanging up calls."""
        self._forget_manager()
        if self._server is not None:
            self._server.stop(signal.SIGTERM)

    def kill(self) -> None:
        """Kill -9 Asterisk."""
        self._forget_manager()
        if self._server is not None:
            self._server.kill()

    def reset(self) -> None:
        """Forget all calls, recordings, messages and log lines."""
        for table in ("cdr", "cel"):
            self.mariadb.execute(f"DELETE FROM {table}", database=self.database)
        for folder in (self.monitor_dir, self.voicemail_dir):
            for entry in folder.iterdir():
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        for log in (self.queue_log, self.full_log):
            log.write_text("")

    def close(self) -> None:
        """End Asterisk and remove its files and its database."""
        self.kill()
        self.mariadb.drop_database(self.database)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _configure(self) -> None:
        for name in ("lib", "log", "run", "spool/monitor", "spool/voicemail", "spool/tmp"):
            (self.folder / name).mkdir(parents=True)
        etc = self.folder / "etc"
        shutil.copytree(HERE / "asterisk_etc", etc)
        address = sa.make_url(self.database_url)
        driver = next(ROOT.glob("usr/lib/*/odbc/libmaodbc.so")).relative_to(ROOT)
        (etc / "odbcinst.ini").write_text(f"[MariaDB]\nDriver = /{driver}\n")
        (etc / "odbc.ini").write_text(
            f"[cdrdb]\nDriver = MariaDB\nSERVER = {HOST}\nPORT = {self.mariadb.port}\n"
            f"DATABASE = {self.database}\nCHARSET = utf8mb4\n"
        )
        (etc / "res_odbc.conf").write_text(
            f"[cdrdb]\nenabled = yes\ndsn = cdrdb\nusername = {address.username}\n"
            f"password = {address.password}\npre-connect = yes\n"
        )
        (etc / "manager.conf").write_text(
            f"[general]\nenabled = yes\nbindaddr = {HOST}\nport = {self._port}\n\n"
            f"[tests]\nsecret = {self._secret}\nread = all\nwrite = all\n"
        )

    def _forget_manager(self) -> None:
        if self._manager is not None:
            self._manager.close()
            self._manager = None
