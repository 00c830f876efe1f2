"""Setting up the state database: addresses, other databases, migrations by several at once."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from servanda import state
from servanda.kernel.errors import UsageError
from servanda.state.address import settings_of


def test_it_is_set_up_once(sqlite_state: str, tmp_path: Path) -> None:
    state.setup(sqlite_state)
    with pytest.raises(UsageError, match="another state database"):
        state.setup(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    assert state.migrate() is False
    state.close()
    state.close()
    state.setup(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    assert state.migrate() is True


def test_two_databases_in_turn_do_not_mix(tmp_path: Path) -> None:
    from servanda.state.models import Fact

    for name in ("one", "two"):
        state.setup(f"sqlite:///{tmp_path / name}")
        state.migrate()
        Fact.objects.create(key="name", value=name)
        state.close()
    for name in ("one", "two"):
        state.setup(f"sqlite:///{tmp_path / name}")
        assert Fact.objects.get(key="name").value == name
        state.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://host/path",
        "mysql://root:secret@localhost/state",
        "postgresql://user:secret@localhost/",
        "postgresql://user:secret@localhost:port/name",
        "postgresql://[user:secret@localhost/name",
        "/var/state.sqlite3",
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        state.setup(url)
    assert "secret" not in str(refused.value)


def test_addresses_are_unquoted() -> None:
    wanted = settings_of("postgresql+psycopg://us%40er:p%2Fw@db.test:6543/na%20me?sslmode=require")
    assert (wanted["USER"], wanted["PASSWORD"], wanted["HOST"], wanted["PORT"], wanted["NAME"]) == (
        ("us@er", "p/w", "db.test", "6543", "na me")
    )
    assert wanted["OPTIONS"]["sslmode"] == "require"


def test_nothing_is_used_before_setup() -> None:
    with pytest.raises(UsageError, match=r"state\.setup"), state.transaction():
        pass
    with pytest.raises(UsageError, match=r"state\.setup"):
        state.migrate()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    state.setup(f"sqlite:///{tmp_path / 'absent' / 'state.sqlite3'}")
    try:
        with pytest.raises(UsageError, match="is not there"):
            state.migrate()
    finally:
        state.close()


def test_a_server_that_does_not_answer() -> None:
    state.setup("postgresql://user:secret@127.0.0.1:1/name")
    try:
        with pytest.raises(state.StateFailed) as refused:
            state.migrate()
        assert "secret" not in str(refused.value)
    finally:
        state.close()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite3").write_bytes(b"not a database, only text of some length" * 50)
    state.setup(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    try:
        with pytest.raises(state.StateFailed, match="is damaged"):
            state.migrate()
    finally:
        state.close()


def test_without_tables_it_says_so(tmp_path: Path) -> None:
    from servanda import ledger

    state.setup(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    try:
        with pytest.raises(state.StateFailed, match="has no tables"):
            ledger.append([{"kind": "census"}])
    finally:
        state.close()


def test_sqlite_is_durable_and_waits(sqlite_state: str) -> None:
    from django.db import connection

    def pragma(name: str) -> object:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {name}")
            return cursor.fetchone()[0]

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert pragma("secure_delete") == 1
    assert pragma("foreign_keys") == 1
    assert pragma("busy_timeout") == 30_000


def test_the_models_are_what_the_migrations_make(sqlite_state: str) -> None:
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    loader = MigrationLoader(connection)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    assert detector.changes(graph=loader.graph) == {}


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}

MIGRATE = """
import sys
from servanda import state
state.setup(sys.argv[1])
print(state.migrate())
"""


def test_several_processes_migrate_at_once(tmp_path: Path) -> None:
    started = [_start(f"sqlite:///{tmp_path / 'state.sqlite3'}") for _ in range(2)]
    said = [process.communicate(timeout=60)[0].strip() for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert sorted(said) == ["False", "True"]


def test_migrations_wait_for_another_process(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    with path.with_name("state.sqlite3.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = _start(f"sqlite:///{path}")
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=2)
    assert process.communicate(timeout=60)[0] == "True\n"


@pytest.mark.services
def test_migrations_wait_for_another_process_on_postgresql(postgres_db: str) -> None:
    with psycopg.connect(postgres_db.replace("+psycopg", ""), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [0x5E7A7DA])
        process = _start(postgres_db)
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while other.execute(waiting).fetchone() != (1,):
            assert process.poll() is None, "it went on without the lock"
            time.sleep(0.05)
    assert process.communicate(timeout=60)[0] == "True\n"


def _start(url: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", MIGRATE, url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)


def test_importing_it_does_not_import_django() -> None:
    code = "import sys, servanda.state, servanda.ledger; print('django' in sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    assert done.stdout == "False\n"


def test_models_can_be_imported_first() -> None:
    code = "from servanda.state.models import Run, Tree; print(Run._meta.db_table)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    assert done.stdout == "servanda_run\n"


def test_threads_have_their_own_connections(sqlite_state: str) -> None:
    from servanda.state.models import Fact

    def work(name: str) -> None:
        with state.transaction():
            Fact.objects.create(key=name, value=name)
        state.close_thread()

    threads = [threading.Thread(target=work, args=(f"thread {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Fact.objects.count() == 4
