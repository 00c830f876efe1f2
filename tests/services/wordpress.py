"""A real WordPress: Debian's package in a temporary folder, on a database of a MariaDB service.

It is installed without a browser and served by `php -S`. Ready in about 2 s.
"""

import json
import secrets
import shutil
import signal
import time
import urllib.error
import urllib.request
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from tests.services.mariadb import MariaDB
from tests.services.ports import HOST, accepts, free_port
from tests.services.process import Server, ServerError, find_program, run, temporary_folder
from tests.services.visitors import Visitors

PACKAGE = Path("/usr/share/wordpress")
HERE = Path(__file__).parent
MARK = "\n--result--\n"

CONFIG = """<?php
define('DB_HOST', {db_host}); define('DB_NAME', {db_name});
define('DB_USER', {db_user}); define('DB_PASSWORD', {db_password});
define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $part) {{
    define($part . '_KEY', {secret} . $part); define($part . '_SALT', $part . {secret});
}}
define('WP_SITEURL', {site}); define('WP_HOME', {site});
define('WP_ENVIRONMENT_TYPE', 'local');  // application passwords without TLS
define('WP_DEFAULT_THEME', {theme});
define('DISABLE_WP_CRON', true); define('WP_HTTP_BLOCK_EXTERNAL', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""

INSTALL = """
wp_install('Example IT', 'admin', 'admin@msp.example', true, '', $in['password']);
[$password] = WP_Application_Passwords::create_new_application_password(1, ['name' => 'tests']);
return $password;
"""


def installed() -> bool:
    """Say whether PHP and WordPress are there."""
    return find_program("php") is not None and (PACKAGE / "wp-load.php").exists()


@dataclass(frozen=True)
class Answer:
    """What the site answered over HTTP."""

    status: int
    text: str
    headers: dict[str, str]

    def json(self) -> Any:
        return json.loads(self.text)


class WordPress(Visitors):
    """A WordPress site of its own. The administrator is `admin`, user 1; post 1 takes comments."""

    def __init__(self, mariadb: MariaDB) -> None:
        began = time.monotonic()
        php = find_program("php")
        if php is None or not installed():
            raise FileNotFoundError("WordPress is not installed")
        self._php = php
        self.mariadb = mariadb
        self.database = f"wordpress_{secrets.token_hex(4)}"
        self.database_url = mariadb.create_database(self.database)
        self.port = free_port()
        self.host = f"{HOST}:{self.port}"
        self.url = f"http://{self.host}"
        self.admin_password = secrets.token_hex(8)
        self.folder = temporary_folder("wordpress")
        self._lay_out()
        self.application_password: str = self._call(
            INSTALL, {"password": self.admin_password}, installing=True
        )
        self._keep_baseline()
        self._server: Server | None = None
        self.start()
        self.start_seconds = time.monotonic() - began

    @property
    def site(self) -> Path:
        """The folder of the site's files."""
        return self.folder / "site"

    def php(self, code: str, **data: Any) -> Any:
        return self._call(code, data)

    def get(self, path: str = "/") -> Answer:
        """Fetch a page as a visitor."""
        return self._fetch(urllib.request.Request(self.url + path))

    def rest(self, method: str, route: str, data: Any = None) -> Answer:
        """Call the REST interface (route `/wp/v2/...`) as the administrator."""
        path, _, query = route.partition("?")
        login = b64encode(f"admin:{self.application_password}".encode()).decode()
        return self._fetch(
            urllib.request.Request(
                f"{self.url}/?rest_route={path}{'&' if query else ''}{query}",
                method=method,
                data=None if data is None else json.dumps(data).encode(),
                headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"},
            )
        )

    def comment_count(self, post: int = 1) -> int:
        """Return the number of comments that WordPress shows for the post."""
        return int(self.php("return get_comments_number($in['post']);", post=post))

    def start(self) -> None:
        """Serve the site, unless it is being served."""
        if self._server is None or not self._server.alive:
            self._server = Server(
                [self._php, "-S", self.host, "-t", self.site],
                log=self.folder / "log",
                death_signal=signal.SIGINT,
            )
            self._server.wait_until(lambda: accepts(self.port))

    def stop(self) -> None:
        """Stop serving; the database and `php` stay usable."""
        if self._server is not None:
            self._server.stop(signal.SIGINT)

    def reset(self) -> None:
        """Put the database back to the moment after the installation."""
        with self.mariadb.connect(self.database) as connection, connection.cursor() as cursor:
            for table in self._tables():
                cursor.execute(f"DELETE FROM `{table}`")
                cursor.execute(
                    f"INSERT INTO `{table}` SELECT * FROM `{self.database}_baseline`.`{table}`"
                )

    def close(self) -> None:
        """Stop the site and remove its files and database."""
        self.stop()
        for database in (self.database, f"{self.database}_baseline"):
            self.mariadb.drop_database(database)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _lay_out(self) -> None:
        shutil.copytree(PACKAGE, self.site, ignore=shutil.ignore_patterns(".htaccess"))
        shutil.copy(HERE / "wordpress_run.php", self.folder / "run.php")
        address = sa.make_url(self.database_url)
        theme = next((PACKAGE / "wp-content" / "themes").glob("*/style.css"), None)
        values = {
            "db_host": f"{HOST}:{self.mariadb.port}",
            "db_name": self.database,
            "db_user": address.username,
            "db_password": address.password,
            "secret": secrets.token_hex(16),
            "site": self.url,
            "theme": theme.parent.name if theme else "",
        }
        quoted = {name: f"'{value}'" for name, value in values.items()}
        (self.site / "wp-config.php").write_text(CONFIG.format(**quoted))
        plugins = self.site / "wp-content" / "mu-plugins"
        plugins.mkdir()
        shutil.copy(HERE / "wordpress_plugin.php", plugins)

    def _call(self, code: str, data: dict[str, Any], *, installing: bool = False) -> Any:
        request = {"host": self.host, "code": code, "in": data, "installing": installing}
        printed = run([self._php, self.folder / "run.php"], input_text=json.dumps(request))
        _, mark, result = printed.rpartition(MARK)
        if not mark:
            raise ServerError(f"the PHP code did not return:\n{printed[-2000:]}")
        return json.loads(result)

    def _fetch(self, request: urllib.request.Request) -> Answer:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, answer.read().decode(), dict(answer.headers))
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, refusal.read().decode(), dict(refusal.headers))

    def _tables(self) -> list[str]:
        return [str(table) for (table,) in self._sql("SHOW TABLES")]

    def _sql(self, statement: str) -> list[tuple[Any, ...]]:
        return self.mariadb.execute(statement, database=self.database)

    def _keep_baseline(self) -> None:
        baseline = f"{self.database}_baseline"
        self.mariadb.create_database(baseline)
        for table in self._tables():
            self._sql(f"CREATE TABLE `{baseline}`.`{table}` AS SELECT * FROM `{table}`")
