"""The clients in examples/clients do what their first lines say, against a real server."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from servanda import state
from servanda.desk import tokens
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member
from servanda.web.wsgi import application
from tests.web.conftest import site, template
from tests.web.consent.conftest import _nobody_counted, shop
from tests.web.consent.world import JO, KIM, LEE, agreed

__all__ = ["_nobody_counted", "shop", "site", "template"]

CLIENTS = Path(__file__).parents[2] / "examples" / "clients"


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def client() -> ModuleType:
    spec = importlib.util.spec_from_file_location("servanda_gate", CLIENTS / "servanda_gate.py")
    assert spec is not None and spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture
def address(shop: Workspace) -> Iterator[str]:
    def app(environ, start):  # type: ignore[no-untyped-def]
        try:
            yield from (django := application()(environ, start))
            django.close()
        finally:
            state.close_thread()

    server = make_server("127.0.0.1", 0, app, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def secret(shop: Workspace) -> str:
    owner = Member.objects.create_user("maker@firm.test", None, name="Maker", role="owner")
    return tokens.make("a program", ("gate",), 30, by=owner.by, role=owner.role)[1]


def test_python(shop: Workspace, client: ModuleType, address: str, secret: str) -> None:
    agreed(shop, JO, "email")
    agreed(shop, LEE, "email")
    gate = client.Gate(address, secret)
    assert gate.may(f"email:{JO}", message="newsletter", channel="email") is True
    assert gate.may(f"email:{KIM}", message="newsletter", channel="email") is False
    assert gate.ask(f"email:{KIM}", purpose="marketing")["detail"] == "missing"
    listed = [JO, KIM, LEE]
    assert list(gate.filter(listed, message="newsletter")) == [JO, LEE]


def test_python_says_no_when_nobody_answers(
    shop: Workspace, client: ModuleType, address: str, secret: str
) -> None:
    agreed(shop, JO, "email")
    for gate in (client.Gate("http://127.0.0.1:9", secret), client.Gate(address, "svd_wrong")):
        assert gate.may(f"email:{JO}", message="newsletter", channel="email") is False
        with pytest.raises(client.GateError):
            list(gate.filter([JO], message="newsletter"))


_HARNESS = """<?php
define('SERVANDA_ADDRESS', $argv[1]); define('SERVANDA_TOKEN', $argv[2]);
function is_wp_error($a) { return $a === null; }
function wp_remote_get($url, $told) {
    $head = 'Authorization: ' . $told['headers']['Authorization'];
    $made = stream_context_create(['http' => ['header' => $head, 'ignore_errors' => true]]);
    $body = @file_get_contents($url, false, $made);
    if ($body === false) { return null; }
    preg_match('/ (\\d{3})/', $http_response_header[0], $found);
    return ['code' => (int) $found[1], 'body' => $body];
}
function wp_remote_retrieve_response_code($a) { return $a['code']; }
function wp_remote_retrieve_body($a) { return $a['body']; }
require $argv[3];
foreach (array_slice($argv, 4) as $who) {
    echo servanda_may($who, 'newsletter', 'email') ? 'yes ' : 'no ';
}
"""


def test_wordpress(shop: Workspace, address: str, secret: str, tmp_path: Path) -> None:
    if shutil.which("php") is None:
        pytest.skip("PHP is not installed")
    agreed(shop, JO, "email")
    script = tmp_path / "run.php"
    script.write_text(_HARNESS)

    def said(where: str, key: str) -> str:
        plugin = str(CLIENTS / "servanda-gate.php")
        people = (f"email:{JO}", f"email:{KIM}")
        command = ["php", str(script), where, key, plugin, *people]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return done.stdout.strip()

    assert said(address, secret) == "yes no"
    assert said(address, "svd_wrong") == "no no"
    assert said("http://127.0.0.1:9", secret) == "no no"
