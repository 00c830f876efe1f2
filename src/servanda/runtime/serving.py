"""`servanda serve`: pages and worker of one workspace on one machine.

One process keeps the server alive (`runtime.keeper`). The server loads everything, forks the
worker (sweeps on schedule, jobs, mail), so that the two share that memory, and answers the pages
itself: gunicorn's worker, one process with threads.

Nothing that was answered with success may be lost when either is killed: pages commit before they
answer, and the worker's jobs are claimed rows. When one dies, both are begun anew; the next worker
waits until the last one is gone. Tests: tests/runtime/test_serving.py,
tests/faults/test_kill_server.py.
"""

from __future__ import annotations

import fcntl
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from servanda.kernel import heap
from servanda.kernel.errors import ServandaError, UsageError
from servanda.runtime.keeper import Place, end_with

_PAGES = "servanda.web"  # by name: faces stand above this package
_BACKLOG = 512
_SWITCH_S = 0.0005
_LOCK, _LOCKED_S = ".servanda/worker.lock", 0.2
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
log = logging.getLogger("servanda.serve")


def serve(folder: Path, ready: Callable[[str], None], place: Place) -> int:
    """Answer pages, with a worker beside, until SIGTERM; the process's code. `ready` is called with
    the address by the first server of a keeper. Not safe, or no place to listen: UsageError."""
    import_module(f"{_PAGES}.start").configure(folder)
    from servanda import state
    from servanda.runtime import hub, safety

    safety.insist(hub.workspace())
    _settled(folder)
    settings = hub.workspace().settings.web
    _preload()
    state.close_thread()  # both open connections of their own
    first = place.listening is None
    listening = place.listening or _listening(settings.listen)
    _let_go()
    worker = _fork(lambda: _worker(folder, listening))
    os.close(place.worker_lives)
    end_with(place.keeper)
    if first:
        ready(settings.address)
    place.answering(listening, worker)
    return _code_of(lambda: _pages(listening))


def _fork(run: Callable[[], None]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        end_with(parent)
        os._exit(_code_of(run))
    return pid


def _code_of(run: Callable[[], None]) -> int:
    try:
        run()
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 0
    except BaseException:
        log.exception("a part of the server failed")
        return 1
    return 0


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
    # Inherited by each connection. Head and body of an answer are two writes: without it, the
    # second waits 40 ms for the caller's word that the first arrived.
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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

    # A thread that waits for the database must soon have its turn when the answer is there, however
    # busy the others are: at Python's five milliseconds, ten questions would take fifty.
    sys.setswitchinterval(_SWITCH_S)
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


def _worker(folder: Path, listening: socket.socket) -> None:
    from servanda.runtime.work import work

    listening.close()
    ended = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: ended.set())
    try:
        with _alone(ended):
            work(folder, ended)
    except ServandaError as error:
        print(f"servanda: {error}", file=sys.stderr)
        sys.exit(error.exit)


@contextmanager
def _alone(ended: threading.Event) -> Iterator[None]:
    """Once the worker before this one is gone: it may have to finish what it does."""
    from servanda.runtime import hub

    with (hub.workspace().folder / _LOCK).open("a") as file:
        while not ended.is_set():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                ended.wait(_LOCKED_S)
            else:
                break
        yield
