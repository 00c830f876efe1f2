"""Child processes that never outlive the tests.

A server is stopped when its owner says so, when Python exits, and, through the kernel's
parent-death signal, when Python itself is killed. That signal follows the *thread* which started
the child: start servers from the main thread.
"""

import atexit
import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
PREFIX = "servanda-test-"

_libc = ctypes.CDLL(None, use_errno=True)
_owner = os.getpid()
_running: "set[Server]" = set()
_folders: list[Path] = []


class ServerError(RuntimeError):
    """A server did not start, or stopped by itself."""


class Server:
    """One child process in a session of its own, with its output in a log file."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        user: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.log = log
        self._name = Path(command[0]).name
        group: dict[str, object] = {}
        if user is not None:
            entry = pwd.getpwnam(user)
            group = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        with log.open("ab") as output:
            self._popen: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if env is None else {**os.environ, **env},
                cwd=cwd,
                start_new_session=True,
                preexec_fn=lambda: _libc.prctl(PR_SET_PDEATHSIG, int(death_signal)),
                **group,
            )
        _running.add(self)

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 60) -> None:
        """Return as soon as `ready()` is true; raise with the end of the log when it never is."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise ServerError(f"{self._name} ended while starting:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise ServerError(f"{self._name} not ready in {seconds:g} s:\n{self.log_tail()}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGTERM, *, seconds: float = 20) -> None:
        """Ask the process to end; kill it and its children when it has not after `seconds`."""
        if self.alive:
            self._popen.send_signal(how)
            try:
                self._popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        _running.discard(self)

    def kill(self) -> None:
        """Kill -9 the process and all its descendants, as a crash would."""
        if self.alive:
            family = [self.pid, *_descendants(self.pid)]
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._popen.wait()
            _wait_gone(family)
        _running.discard(self)

    def log_tail(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def run(
    command: Sequence[str | Path],
    *,
    user: str | None = None,
    env: Mapping[str, str] | None = None,
    input_text: str | None = None,
) -> str:
    """Run a short command and return what it printed; raise with its output when it fails."""
    entry = pwd.getpwnam(user) if user is not None else None
    done = subprocess.run(
        [str(part) for part in command],
        input=input_text,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=None if env is None else {**os.environ, **env},
        user=None if entry is None else entry.pw_uid,
        group=None if entry is None else entry.pw_gid,
        extra_groups=None if entry is None else [],
    )
    if done.returncode != 0:
        raise ServerError(
            f"{Path(command[0]).name} exited {done.returncode}:\n{done.stdout}{done.stderr}"
        )
    return done.stdout


def find_program(*names: str) -> Path | None:
    """Return the first of the programs that is installed, also where only root looks."""
    path = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
    for name in names:
        if found := shutil.which(name, path=path):
            return Path(found)
    return None


def server_user(name: str) -> str | None:
    """Return the system user a server must run as: `name` under root, else none (stay oneself)."""
    return name if os.geteuid() == 0 else None


def temporary_folder(kind: str, *, user: str | None = None) -> Path:
    """Make a folder that is removed when Python exits, or by a later run if it was killed."""
    if not _folders:
        _remove_abandoned_folders()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{kind}-{os.getpid()}-"))
    folder.chmod(0o755)
    if user is not None:
        shutil.chown(folder, user)
    _folders.append(folder)
    return folder


def _descendants(root: int) -> list[int]:
    """List children and their children: servers start theirs in sessions of their own."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found[1:]


def _wait_gone(pids: Sequence[int], *, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while any(_runs(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def _remove_abandoned_folders() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*-*"):
        pid = folder.name.removeprefix(PREFIX).split("-")[1]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)


@atexit.register
def _clean_up() -> None:
    if os.getpid() != _owner:
        return
    for server in list(_running):
        server.kill()
    for folder in _folders:
        shutil.rmtree(folder, ignore_errors=True)
