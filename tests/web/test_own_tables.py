"""No table of ours, or of what we stand on, is left out of what Servanda says it keeps."""

from __future__ import annotations

from django.apps import apps
from django.db import connection

from servanda.desk.requests.own import TABLES, WEB_TABLES
from servanda.runtime.workspace import Workspace

_OF_THE_DATABASE = {"django_migrations", "sqlite_sequence"}


def test_every_table_is_told(site: Workspace) -> None:
    names = {each.__name__ for each in apps.get_models(include_auto_created=True)}
    known = {*TABLES, *WEB_TABLES}
    assert names - known == set()
    assert known - names == {"servanda_web_cache"}


def test_and_so_is_what_has_no_model(site: Workspace) -> None:
    models = {each._meta.db_table for each in apps.get_models(include_auto_created=True)}
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    assert there - models - _OF_THE_DATABASE - {"servanda_state"} == {"servanda_web_cache"}


def test_the_tables_that_are_said_to_be_empty_are(site: Workspace) -> None:
    said = {name for name, own in WEB_TABLES.items() if own.protected == "empty"}
    assert said == {"EmailConfirmation", "SocialApp", "SocialToken"}
    for each in apps.get_models():
        if each.__name__ in said or "nothing uses it" in _holds(each.__name__):
            assert each.__name__ == "Permission" or each._default_manager.count() == 0


def _holds(name: str) -> str:
    return WEB_TABLES[name].holds if name in WEB_TABLES else ""
