"""What pages show of addresses and settings holds no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda.runtime import addresses, shownsettings


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("postgresql://me:${PW}@db.firm.test:5432/crm", "postgresql://db.firm.test:5432/crm"),
        ("postgresql://me:hun/ter@2@db.firm.test/crm", "postgresql://db.firm.test/crm"),
        ("mysql://db/x?password=${PW}&charset=utf8", "mysql://db/x"),
        ("sqlite:///data/shop.sqlite", "sqlite:///data/shop.sqlite"),
        ("${CRM_URL:-postgresql://me:hunter2@db/x}", "${CRM_URL}"),
        ("file:data/${MASTER_KEY}", "file:data/${MASTER_KEY}"),
        ({"file": "secrets/crm"}, "as the file secrets/crm says"),
    ],
)
def test_addresses_without_credentials(written: object, shown: str) -> None:
    assert addresses.shown(written) == shown
    assert "hunter2" not in shown


def test_a_whole_address_in_a_variable_is_shown_by_where_it_leads() -> None:
    leads = "postgresql://me:hunter2@db.firm.test/crm?password=hunter2"
    assert addresses.shown("${CRM}", leads) == "postgresql://db.firm.test/crm (from CRM)"
    assert addresses.shown("file:data/${KEY}", "file:/x/hunter2") == "file:data/${KEY}"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("connect: postgresql://me:hunter2@db/x", "connect: postgresql://me:…@db/x"),
        ("connect: postgresql://me:hun/ter2@db/x", "connect: postgresql://me:…@db/x"),
        ("connect: postgresql://me:${PW:-hunter2}@db/x", "connect: postgresql://me:…@db/x"),
        ("connect: mysql://db/x?password=hunter2&a=b", "connect: mysql://db/x?password=…&a=b"),
        ("connect: postgresql://me:${PW}@db/x", "connect: postgresql://me:${PW}@db/x"),
        ("a: sqlite:///x.db\nb: me@firm.test", "a: sqlite:///x.db\nb: me@firm.test"),
    ],
)
def test_a_password_in_a_broken_file_is_not_shown(written: str, shown: str) -> None:
    assert addresses.masked(written) == shown


def test_settings_without_secrets(tmp_path: Path) -> None:
    (tmp_path / "servanda.toml").write_text(
        """
# hunter2 stands in this comment
[state]
url = "postgresql://servanda:hunter2@db/state?password=hunter2"
[keys]
folder = "keys"
[mail]
host = "mail.firm.test"
password = "hunter2"
[web]
oidc_secret = "hunter2"
four_eyes = true
sites = ["https://firm.test", "https://me:hunter2@firm.test"]
"""
    )
    found = {each.section: dict(each.values) for each in shownsettings.shown(tmp_path)}
    assert "hunter2" not in str(found)
    assert found["mail"] == {"host": "mail.firm.test", "password": shownsettings.HIDDEN}
    assert found["keys"]["folder"] == "keys"
    assert found["web"]["four_eyes"] == "true"
    assert found["state"]["url"] == "postgresql://…@db/state?…"
    assert shownsettings.shown(tmp_path / "nowhere") == []
