"""The table in which attempts at signing in are counted, for all processes together."""

from typing import Any

from django.db import migrations

TABLE = "servanda_web_cache"


def make(apps: Any, editor: Any) -> None:
    kind = "timestamp with time zone" if editor.connection.vendor == "postgresql" else "datetime"
    name = editor.quote_name
    editor.execute(
        f"CREATE TABLE {name(TABLE)} (cache_key varchar(255) NOT NULL PRIMARY KEY, "
        f"value text NOT NULL, expires {kind} NOT NULL)"
    )
    editor.execute(f"CREATE INDEX {name(TABLE + '_expires')} ON {name(TABLE)} (expires)")


def drop(apps: Any, editor: Any) -> None:
    editor.execute(f"DROP TABLE {editor.quote_name(TABLE)}")


class Migration(migrations.Migration):
    dependencies = [("servanda_web", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
