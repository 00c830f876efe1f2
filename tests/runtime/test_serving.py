"""When the server itself is killed, nothing of it lives on beside the one that is started next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests.cli.shop import build
from tests.services.ports import free_port

SOURCE = Path(__file__).parents[2] / "src"


def serve(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "servanda", "serve", "-C", str(folder)],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def children(pid: int) -> list[int]:
    """Of a process, and theirs; none of one that has just ended."""
    found = []
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    for each in listed:
        found += [int(each), *children(int(each))]
    return found


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(true: Callable[[], bool], seconds: float = 30) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.1)
    return False


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_children_end_with_the_server_and_the_next_one_serves(tmp_path: Path) -> None:
    folder, port = tmp_path / "acme", free_port()
    build(folder)
    (folder / "servanda.toml").write_text(f'[web]\nlisten = "127.0.0.1:{port}"\n')
    first = serve(folder)
    second: subprocess.Popen[bytes] | None = None
    try:
        assert eventually(lambda: answers(port))
        left = children(first.pid)
        assert len(left) == 2  # pages and worker
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert eventually(lambda: not any(lives(pid) for pid in left))
        assert not answers(port)
        second = serve(folder)
        assert eventually(lambda: answers(port))
        assert len(children(second.pid)) == 2
        for which in (1, 0):  # the worker alone, then the pages alone: both come again
            old = children(second.pid)
            os.kill(old[which], signal.SIGKILL)
            refused = 0
            until = time.monotonic() + 30
            while any(map(lives, old)) or len(children(second.pid)) != 2:
                refused += not answers(port)
                assert time.monotonic() < until, (old, children(second.pid))
            # Who was being answered by the pages that died is cut off, and nobody else.
            assert refused <= (which == 0)
        assert answers(port)
    finally:
        for server in (first, second):
            if server is not None and server.poll() is None:
                server.send_signal(signal.SIGTERM)
                server.wait(40)
    assert second.returncode == 0 and not answers(port)


def test_what_cannot_begin_says_so_once_and_ends(tmp_path: Path) -> None:
    folder, port = tmp_path / "acme", free_port()
    build(folder)
    (folder / "servanda.toml").write_text(f'[web]\nlisten = "127.0.0.1:{port}"\n')
    first = serve(folder)
    try:
        assert eventually(lambda: answers(port))
        done = subprocess.run(
            [sys.executable, "-m", "servanda", "serve", "-C", str(folder)],
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 2
        assert done.stderr.count("nothing can listen on") == 1 and "Traceback" not in done.stderr
        assert done.stdout == ""
    finally:
        first.send_signal(signal.SIGTERM)
        first.wait(40)
