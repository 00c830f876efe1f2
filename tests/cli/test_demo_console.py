"""The demo ends in a console somebody can sign in to with what it printed, and ends with Ctrl-C."""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

SRC = Path(__file__).parents[2] / "src"


def _until(log: Path, pattern: str, process: subprocess.Popen[bytes]) -> re.Match[str]:
    until = time.monotonic() + 200
    while time.monotonic() < until:
        if found := re.search(pattern, log.read_text()):
            return found
        assert process.poll() is None, log.read_text()[-2000:]
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-2000:])


def _post(browser: urllib.request.OpenerDirector, url: str, **fields: str) -> str:
    page = browser.open(url).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, page
    body = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
    call = urllib.request.Request(url, body, {"Referer": url})
    return str(browser.open(call).read().decode())


def test_the_demos_sign_in_opens_the_demos_console(tmp_path: Path) -> None:
    log = tmp_path / "out"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "servanda", "demo", "--dir", str(tmp_path / "demo")],
            stdout=out,
            stderr=out,
            env={**os.environ, "PYTHONPATH": str(SRC)},
        )
    try:
        code = _until(log, r"second factor now:\s+(\d{6})", process)[1]
        address = _until(log, r"The console is at\s+(\S+)/console/", process)[1]
        signin = _until(log, r"sign in as\s+(\S+)\s+with password\s+(\S+)", process)
        browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        login = f"{address}/accounts/login/"
        asked = _post(browser, login, login=signin[1], password=signin[2])
        assert "code" in asked.lower()
        board = _post(browser, f"{address}/accounts/2fa/authenticate/", code=code)
        assert "Promises of JTec" in board
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
