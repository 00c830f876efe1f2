"""`servanda serve`: pages and worker of one workspace on one machine.

One parent starts two children and keeps them alive: the pages (gunicorn, one process with threads),
and the worker (sweeps on schedule, jobs, mail). Everything is imported before they are
forked, so they share that memory. The parent does nothing else, so it does not fail.

Nothing that was answered with success may be lost when a child is killed: pages commit before they
answer, and the worker's jobs are claimed rows. When the parent itself is killed, its children end:
else they would keep the address, and the old policy, beside the server that is started next.
Tests: tests/web/test_serve.py, tests/runtime/test_serving.py.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from servanda.kernel import heap
from servanda.kernel.errors import ServandaError, UsageError

_PAGES = "servanda.web"  # by name: faces stand above this package
_AGAIN_S = (0.2, 1.0, 5.0, 15.0)
_GRACE_S = 20.0
_BACKLOG = 512
_FIRST_PAGES = ("/privacy/", "/accounts/login/")
_LATER = (
    "servanda.apply.requests",
    "servanda.apply.run",
    "servanda.desk.requests.inbox",
    "servanda.desk.post",
    "servanda.plan.build",
    "servanda.plan.find",
    "servanda.runtime.boards",
    "servanda.runtime.forecast",
    "servanda.runtime.sweep",
)
"""What is imported where it is first needed, and will be."""
_WATCH_S = 0.5

log = logging.getLogger("servanda.serve")


def serve(folder: Path, ready: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT. `ready` is called with the address once pages answer."""
    import_module(f"{_PAGES}.start").configure(folder)
    from servanda import state
    from servanda.runtime import hub, safety

    safety.insist(hub.workspace())
    _settled(folder)
    settings = hub.workspace().settings.web
    _preload()
    state.close_thread()  # children open connections of their own
    listening = _listening(settings.listen)
    _let_go()
    children = {
        "pages": _Child(lambda: _pages(listening)),
        "worker": _Child(lambda: _worker(folder)),
    }
    return _keep(children, settings.address, ready)


def _let_go() -> None:
    """Before the fork: what is not used goes back to the system, and what stays is left alone by
    the collector, so that it is shared for long."""
    heap.give_back()
    heap.share_arenas()
    gc.freeze()


def _settled(folder: Path) -> None:
    """After a restore nothing is served before the erased were searched for again."""
    from servanda.runtime import hub, restored
    from servanda.runtime.workspace import Workspace

    if restored.pending(hub.workspace()) is None:
        return
    log.warning("restored from a backup: searching for what was erased since")
    with Workspace.open(folder) as workspace:
        found = restored.settle(workspace)
    hub.workspace().use_state(every=True)
    if found is not None and not found.done:
        raise UsageError(
            f"after the restore these stores did not answer: {', '.join(found.replayed.silent)}",
            "nothing is served before they do, for what was erased may have come back: start again "
            "when they are up",
        )
    for problem in found.problems if found else ():
        log.warning("%s", problem)


class _Child:
    """A forked process that is started again when it dies."""

    def __init__(self, run: Callable[[], None]) -> None:
        self._run = run
        self.pid = 0
        self.deaths = 0
        self.again_at = 0.0

    def start(self) -> None:
        self.started = time.monotonic()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                _end_with(parent)
                for each in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
                    signal.signal(each, signal.SIG_DFL)
                self._run()
                code = 0
            except SystemExit as error:
                code = error.code if isinstance(error.code, int) else 1
            except BaseException:
                log.exception("a child of the server failed")
            finally:
                os._exit(code)

    def died(self) -> None:
        if time.monotonic() - self.started > 60:
            self.deaths = 0
        wait = _AGAIN_S[min(self.deaths, len(_AGAIN_S) - 1)]
        self.deaths += 1
        self.pid, self.again_at = 0, time.monotonic() + wait


def _end_with(parent: int) -> None:
    """From now on this process ends when its parent does, whether it heeds the signal or not."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_S)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_GRACE_S)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _keep(children: Mapping[str, _Child], address: str, ready: Callable[[str], None]) -> int:
    stopping = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopping.set())
    for child in children.values():
        child.start()
    ready(address)
    while not stopping.is_set():
        _reap(children)
        for child in children.values():
            if not child.pid and time.monotonic() >= child.again_at:
                child.start()
        stopping.wait(0.2)
    return _end(children)


def _reap(children: Mapping[str, _Child]) -> None:
    for name, child in children.items():
        if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
            log.error("the %s ended and is started again", name)
            child.died()


def _end(children: Mapping[str, _Child]) -> int:
    for child in children.values():
        if child.pid:
            os.kill(child.pid, signal.SIGTERM)
    until = time.monotonic() + _GRACE_S
    for child in children.values():
        while child.pid and not os.waitpid(child.pid, os.WNOHANG)[0]:
            if time.monotonic() > until:
                os.kill(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)
                break
            time.sleep(0.05)
    return 0


def _preload() -> None:
    """Load what answers and duties need, once, before anything is forked: children share it. Two
    pages are rendered, for much is only loaded by the first."""
    from wsgiref.util import setup_testing_defaults

    from servanda.runtime import work

    for name in ("servanda.runtime.tasks", *(duty.rpartition(".")[0] for _, duty in work.DUTIES)):
        import_module(name)
    for name in _LATER:
        import_module(name)
    handler = import_module(f"{_PAGES}.wsgi").application()
    for path in _FIRST_PAGES:
        environ: dict[str, Any] = {}
        setup_testing_defaults(environ)
        environ |= {"PATH_INFO": path, "HTTP_HOST": "localhost"}
        handler(environ, lambda *_: None).close()


def _listening(listen: str) -> socket.socket:
    """Before anything is said or forked; a child that is started again finds it open."""
    host, _, port = listen.rpartition(":")
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(kind)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host.strip("[]"), int(port)))
    except OSError as error:
        raise UsageError(
            f"nothing can listen on {listen} ({error.strerror})",
            "end what listens there, or set another address: [web] listen in servanda.toml",
        ) from None
    made.listen(_BACKLOG)
    return made


def _pages(listening: socket.socket) -> None:
    """gunicorn's worker without its arbiter: our parent does that one's work, and a process less
    is a tenth of the memory less."""
    from gunicorn.app.base import BaseApplication
    from gunicorn.glogging import Logger
    from gunicorn.workers.gthread import ThreadWorker

    class Pages(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for key, value in _gunicorn().items():
                self.cfg.set(key, value)

        def load(self) -> Any:
            return import_module(f"{_PAGES}.wsgi").application()

    app = Pages()
    sockets = [_Listening(fileno=listening.detach())]
    for each in sockets:
        each.setblocking(False)
    worker = ThreadWorker(1, os.getppid(), sockets, app, 120, app.cfg, Logger(app.cfg))
    worker.init_process()


class _Listening(socket.socket):
    """Printed by gunicorn as its own sockets are."""

    def __str__(self) -> str:
        return f"http://{self.getsockname()}"


def _gunicorn() -> dict[str, Any]:
    return {
        "threads": 8,
        "worker_class": "gthread",
        "timeout": 120,
        "graceful_timeout": 15,
        "keepalive": 30,
        "loglevel": "warning",
        "accesslog": None,  # addresses of visitors are personal data
        "errorlog": "-",
        "forwarded_allow_ips": "",
        "limit_request_line": 4094,
    }


def _worker(folder: Path) -> None:
    from servanda.runtime.work import work

    ended = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: ended.set())
    try:
        work(folder, ended)
    except ServandaError as error:
        print(f"servanda: {error}", file=sys.stderr)
        sys.exit(error.exit)
