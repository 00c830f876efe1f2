"""Pytest fixtures for the real servers, each started once a run and only when a test asks for it.

Use them from any folder of tests by naming this module in the top `conftest.py`:

    pytest_plugins = ["tests.services.fixtures"]

Where a server is missing its tests are skipped with the line that installs it; under
SERVANDA_TEST_ALL=1 they fail instead, so that a full run cannot pass by skipping.
"""

import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import NoReturn

import pytest

from tests.services import asterisk as asterisk_module
from tests.services import dovecot as dovecot_module
from tests.services import mariadb as mariadb_module
from tests.services import postgres as postgres_module
from tests.services import request_tracker as request_tracker_module
from tests.services import wordpress as wordpress_module
from tests.services.asterisk import Asterisk
from tests.services.dovecot import Dovecot
from tests.services.mariadb import MariaDB
from tests.services.postgres import Postgres
from tests.services.request_tracker import RequestTracker
from tests.services.wordpress import WordPress

INSTALL = "sudo tools/install-services"


def unavailable(server: str, part: str) -> NoReturn:
    """Skip the test, or fail it in a full run, saying how the server is installed."""
    reason = f"{server} is not installed: run `{INSTALL} {part}`"
    if os.environ.get("SERVANDA_TEST_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def require(there: Callable[[], object], server: str, part: str) -> None:
    if not there():
        unavailable(server, part)


# Started at most once in a process, however many plugins and conftest files import the fixtures;
# stopped when Python exits.


@cache
def shared_postgres() -> Postgres:
    return Postgres()


@cache
def shared_mariadb() -> MariaDB:
    return MariaDB()


@cache
def shared_asterisk() -> Asterisk:
    return Asterisk(shared_mariadb())


@cache
def shared_dovecot() -> Dovecot:
    return Dovecot()


@cache
def shared_wordpress() -> WordPress:
    return WordPress(shared_mariadb())


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    """A running PostgreSQL, shared by the whole run."""
    require(postgres_module.binaries, "PostgreSQL", "postgresql")
    return shared_postgres()


@pytest.fixture(scope="session")
def mariadb() -> MariaDB:
    """A running MariaDB, shared by the whole run."""
    require(mariadb_module.installed, "MariaDB", "mariadb")
    return shared_mariadb()


@pytest.fixture
def postgres_db(postgres: Postgres) -> Iterator[str]:
    """The SQLAlchemy address of an empty PostgreSQL database, dropped after the test."""
    with postgres.fresh_database() as address:
        yield address


@pytest.fixture
def mariadb_db(mariadb: MariaDB) -> Iterator[str]:
    """The SQLAlchemy address of an empty MariaDB database, dropped after the test."""
    with mariadb.fresh_database() as address:
        yield address


@pytest.fixture(scope="session")
def wordpress(mariadb: MariaDB) -> WordPress:
    """A running WordPress site, shared by the whole run with all that tests put into it."""
    require(wordpress_module.installed, "WordPress", "wordpress")
    return shared_wordpress()


@pytest.fixture
def fresh_wordpress(wordpress: WordPress) -> WordPress:
    """The same site as it was just after its installation."""
    wordpress.mariadb.start()
    wordpress.start()
    wordpress.reset()
    return wordpress


@pytest.fixture(scope="session")
def asterisk(mariadb: MariaDB) -> Asterisk:
    """A running Asterisk, shared by the whole run with all calls that tests made."""
    require(asterisk_module.installed, "Asterisk", "asterisk")
    return shared_asterisk()


@pytest.fixture
def fresh_asterisk(asterisk: Asterisk) -> Asterisk:
    """The same Asterisk without calls, recordings, messages and log lines."""
    asterisk.mariadb.start()
    asterisk.start()
    asterisk.reset()
    return asterisk


@pytest.fixture(scope="session")
def shared_mail_server() -> Dovecot:
    require(dovecot_module.installed, "Dovecot", "dovecot")
    return shared_dovecot()


@pytest.fixture
def dovecot(shared_mail_server: Dovecot) -> Dovecot:
    """A running Dovecot, shared by the whole run; each test adds people of its own."""
    shared_mail_server.start()
    return shared_mail_server


@pytest.fixture
def request_tracker(postgres: Postgres) -> Iterator[RequestTracker]:
    """A Request Tracker just after its installation, dropped after the test."""
    require(request_tracker_module.installed, "Request Tracker", "request-tracker")
    postgres.start()
    found = RequestTracker(postgres)
    yield found
    found.close()
