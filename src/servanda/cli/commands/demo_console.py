"""The demo's last part: the console of the sample company, ready for a browser."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from servanda.cli.output import say
from servanda.kernel.errors import Exit, ServandaError

_USUALLY = 8460
_STARTING_S = 60


def console(folder: Path) -> int:
    """Serve until Ctrl-C, and show how to get in."""
    port = _port()
    (folder / "servanda.toml").write_text(
        f'[web]\nlisten = "127.0.0.1:{port}"\nurl = "http://localhost:{port}"\n', encoding="utf-8"
    )
    told = _prepared(folder)
    server = subprocess.Popen(
        [sys.executable, "-m", "servanda", "serve", "-C", str(folder)],
        env=_environment(),
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is ours to pass on
    )
    try:
        _wait(server, port)
        _show(told, port)
        return _until_stopped(server, told["secret"])
    finally:
        if server.poll() is None:
            server.send_signal(signal.SIGTERM)
            server.wait(40)


def _prepared(folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "servanda.web.demo", str(folder)],
        env=_environment(),
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise ServandaError("the demo's accounts could not be made", "try again with --fresh")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _environment() -> dict[str, str]:
    source = str(Path(__file__).parents[3])
    return {**os.environ, "PYTHONPATH": source}


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _STARTING_S
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise ServandaError("the console did not start", f"see what else listens on port {port}")


def _show(told: dict[str, Any], port: int) -> None:
    address = f"http://localhost:{port}"
    say(f"\n── The console is at  {address}/console/")
    say(f"   what the public sees:  {address}/privacy/  and  {address}/enquiry/")
    say(f"   sign in as  {told['accounts'][0]['email']}  with password  {told['password']}")
    others = ", ".join(each["email"] for each in told["accounts"][1:])
    say(f"   (or as {others}; same password: see what each role may)")
    say("   mails (codes, answers) are files in the folder .servanda/letters of the demo")
    say(f"   key for an authenticator app, the same for all:  {told['secret']}")


class _Ended(Exception):
    """Somebody asked this process to end; its server ends with it."""


def _until_stopped(server: subprocess.Popen[bytes], secret: str) -> int:
    """The code an authenticator app would show, anew each half minute where people look on."""
    shown = ""

    def end(*_: object) -> None:
        raise _Ended

    signal.signal(signal.SIGTERM, end)
    try:
        while server.poll() is None:
            code = _code(secret)
            if code != shown:
                if sys.stdout.isatty():
                    print(f"\r   code for the second factor now:  {code}   (Ctrl-C ends) ", end="")
                    sys.stdout.flush()
                elif not shown:
                    say(f"   code for the second factor now:  {code}")
                shown = code
            time.sleep(0.5)
    except (KeyboardInterrupt, _Ended):
        say("\nended; look again with  ./servanda serve -C DIR")
        return Exit.OK
    return Exit.BROKEN


def _code(secret: str) -> str:
    """RFC 6238, six digits, thirty seconds."""
    counter = (int(time.time()) // 30).to_bytes(8, "big")
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def _port() -> int:
    """The usual one, or any that is free."""
    for wanted in (_USUALLY, 0):
        with socket.socket() as found:
            try:
                found.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(found.getsockname()[1])
    raise ServandaError("no port is free on this machine", "end another program")
