"""What tests of the web faces stand on."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from servanda import state
from servanda.web.models import Member
from tests.apply.requests.house import build_house
from tests.cli.firm import CONTROLS, RIGHTS

SRC = Path(__file__).parents[2] / "src"


def migrated(path: Path) -> Path:
    """A state database with the tables of all faces."""
    state.setup(f"sqlite:///{path}")
    state.migrate(every=True)
    state.close()
    return path


def build_site(folder: Path, settings: str = "") -> None:
    """The firm of the command line's tests, with every right promised."""
    build_house(folder)
    promised = "".join(f"  {each}: {{through: the portal}}\n" for each in RIGHTS)
    kept = "".join(
        f"  F-{n}: {{says: {each}., kept_by: [{each}]}}\n" for n, each in enumerate(CONTROLS, 1)
    )
    policy = (folder / "policy.yaml").read_text()
    (folder / "policy.yaml").write_text(f"{policy}rights:\n{promised}promises:\n{kept}")
    if settings:
        (folder / "servanda.toml").write_text(settings)


def factor(member: Member) -> str:
    """Give a member an authenticator app; its secret."""
    from allauth.mfa.totp.internal.auth import TOTP

    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    TOTP.activate(member, secret)
    return secret


def code(secret: str, step: int = 0) -> str:
    """What an authenticator app shows now, or `step` half minutes later (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30 + step)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Served:
    """`servanda serve` of a folder, as a process of its own."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        web = f'[web]\nlisten = "127.0.0.1:{self.port}"\nurl = "{self.url}"\n{more}'
        with (folder / "servanda.toml").open("a") as file:
            file.write(web)
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "serve.log"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "servanda", "serve", "-C", str(self.folder)],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(SRC)},
                start_new_session=True,
            )
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                    assert json.load(answer)["alive"]
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        if how is signal.SIGKILL:
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        return self.process.wait(40)

    def invite(self, email: str, name: str, role: str) -> str:
        """The link of an invitation, made by the command line."""
        command = [sys.executable, "-m", "servanda", "invite", email, "--name", name]
        done = subprocess.run(
            [*command, "--role", role, "-C", str(self.folder), "--json"],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(SRC)},
        )
        return str(json.loads(done.stdout)["link"])

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()
