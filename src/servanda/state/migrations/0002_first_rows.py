"""The rows that there is exactly one of: whoever must be alone locks them, so they always exist."""

from typing import Any

from django.db import migrations


def first_rows(apps: Any, schema_editor: Any) -> None:
    for name in ("Tree", "HoldsVersion"):
        apps.get_model("servanda", name).objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = (("servanda", "0001_initial"),)
    operations = (migrations.RunPython(first_rows, migrations.RunPython.noop),)
