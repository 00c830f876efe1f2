"""Shows that PostgreSQL and MariaDB really run, and can be taken away and given back."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from tests.services.database import DatabaseServer
from tests.services.ports import accepts
from tests.services.postgres import Postgres

pytestmark = pytest.mark.services

KINDS = pytest.mark.parametrize("kind", ["postgres", "mariadb"])


@pytest.fixture
def server(kind: str, request: pytest.FixtureRequest) -> DatabaseServer:
    found = request.getfixturevalue(kind)
    assert isinstance(found, DatabaseServer)
    return found


@KINDS
def test_a_fresh_database_is_empty_holds_any_text_and_is_dropped(server: DatabaseServer) -> None:
    with server.fresh_database() as address:
        engine = sa.create_engine(address)
        assert sa.inspect(engine).get_table_names() == []
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE word (value VARCHAR(40))"))
            connection.execute(sa.text("INSERT INTO word VALUES (:value)"), {"value": "Žofie 🌿"})
            assert connection.scalar(sa.text("SELECT value FROM word")) == "Žofie 🌿"
        still_open = engine.connect()
        still_open.execute(sa.text("SELECT * FROM word"))
    with pytest.raises(DBAPIError):
        sa.create_engine(address).connect()
    engine.dispose()


@KINDS
def test_a_read_only_role_reads_and_cannot_write(server: DatabaseServer) -> None:
    with server.fresh_database() as address:
        owner = sa.create_engine(address)
        with owner.begin() as connection:
            connection.execute(sa.text("CREATE TABLE item (id INT)"))
            connection.execute(sa.text("INSERT INTO item VALUES (1), (2), (3)"))
        database = sa.make_url(address).database
        assert database is not None
        reader = sa.create_engine(server.create_role("reader", "read-me", database=database))
        with reader.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM item")) == 3
            with pytest.raises(DBAPIError):
                connection.execute(sa.text("DELETE FROM item"))
        wrong = sa.make_url(address).set(username="reader", password="wrong")
        with pytest.raises(DBAPIError):
            sa.create_engine(wrong).connect()
        owner.dispose()
        reader.dispose()


@KINDS
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_committed_rows_survive_when_the_server_goes_and_comes_back(
    server: DatabaseServer, how: str
) -> None:
    with server.fresh_database() as address:
        engine = sa.create_engine(address)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE item (id INT)"))
            connection.execute(sa.text("INSERT INTO item VALUES (7)"))
        engine.dispose()
        getattr(server, how)()
        assert not accepts(server.port)
        with pytest.raises(DBAPIError):
            engine.connect()
        server.start()
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT id FROM item")) == 7
        engine.dispose()


STARTS_A_SERVER = """
import sys, time
from tests.services.{kind} import {name} as Kind
server = Kind()
print(server.port, server.folder, flush=True)
time.sleep(60)
"""


@KINDS
def test_no_server_outlives_a_killed_test_run(server: DatabaseServer, kind: str) -> None:
    script = STARTS_A_SERVER.format(kind=kind, name=type(server).__name__)
    run = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert run.stdout is not None
    port, folder = run.stdout.readline().split()
    assert accepts(int(port))
    run.send_signal(signal.SIGKILL)
    run.wait()
    deadline = time.monotonic() + 10
    while accepts(int(port)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not accepts(int(port))
    assert Path(folder).is_dir()
    # The next run removes what the killed one left.
    subprocess.run(
        [sys.executable, "-c", "from tests.services.process import temporary_folder as t; t('x')"],
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert not Path(folder).exists()


def test_durable_postgres_keeps_fsync(postgres: Postgres) -> None:
    assert postgres.execute("SHOW fsync") == [("off",)]
    with Postgres(durable=True, settings={"work_mem": "64MB"}) as durable:
        assert durable.execute("SHOW fsync") == [("on",)]
        assert durable.execute("SHOW work_mem") == [("64MB",)]
