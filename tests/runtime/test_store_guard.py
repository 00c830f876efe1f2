"""Who edits stores in a page reaches no file and no service that the machine's owner did not allow.

Each case is shown to be refused, and its harmless neighbour to pass.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda.runtime import config, editing, storeguard
from servanda.runtime.workspace import Workspace
from tests.apply.requests.conftest import house, workspace

__all__ = ["house", "workspace"]

PRESENT = b"""
stores:
  crm: {connect: "postgresql://crm:${CRM}@db.firm.test/crm?sslmode=require"}
  pbx: {connect: "mysql://db.firm.test:3307/pbx", recount: {file: secrets/pbx}}
  shop: {connect: "sqlite:///data/shop.sqlite"}
  tapes: {connect: "file:data/tapes"}
  desk: {connect: "imaps://me:${MAIL}@mail.firm.test"}
"""
ENV = {
    "CRM": "p@ss/wo#rd",
    "MAIL": "x",
    "MASTER": "a-secret",
    "EVIL": "evil.test",
    "STORE_NEW": "y",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("data/tapes/2024", "secrets", ".servanda/keys", "elsewhere", "srv/more"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "secrets" / "pbx").write_text("mysql://reader:pw@db.firm.test:3307/pbx")
    (tmp_path / "secrets" / "other").write_text("postgresql://a:b@db.firm.test/x")
    (tmp_path / "elsewhere" / "shadow").write_text("root:x:0:0")
    (tmp_path / "data" / "tapes" / "way-out").symlink_to(tmp_path / "elsewhere")
    return tmp_path


def _refused(folder: Path, address: str, toml: str = "") -> list[str]:
    (folder / "servanda.toml").write_text(toml)
    draft = f"stores:\n  new:\n    connect: {address}\n".encode()
    settings = config.load(folder)
    found = storeguard.refused(folder, settings, PRESENT, draft, ENV)
    assert all((each.line, each.code) == (3, "address-not-allowed") for each in found)
    return [each.message for each in found]


MAY = (
    "postgresql://crm:${CRM}@db.firm.test/crm?sslmode=require",
    "postgresql://other:${CRM}@db.firm.test:5432/billing",
    "postgresql+psycopg://DB.firm.test/billing?connect_timeout=5",
    "mysql://db.firm.test:3307/other",
    "imaps://boss:${MAIL}@mail.firm.test/?users=a@firm.test",
    "sqlite:///data/shop.sqlite",
    "file:data/tapes",
    "file:data/tapes/2024",
    "{file: secrets/pbx}",
    "command:/usr/bin/anything",
    "postgresql://crm:${STORE_NEW}@db.firm.test/crm",
)
MAY_NOT = (
    "postgresql://db.firm.test:6379/x",
    "postgresql://localhost/x",
    "postgresql://127.0.0.1/x",
    "postgresql://[::1]/x",
    "postgresql://169.254.169.254/x",
    "postgresql://evil.test/x",
    "postgresql://${EVIL}/x",
    "postgresql://crm:${MASTER}@db.firm.test/crm",
    "postgresql://crm@db.firm.test/${MASTER}",
    "imaps://me:${CRM}@mail.firm.test",
    "postgresql://db.firm.test.evil.test/x",
    "postgresql://db.firm.test@evil.test/x",
    "postgresql://db.firm.test#@evil.test/x",
    "postgresql://db.firm.test,evil.test/x",
    "postgresql://me:${CRM}@evil.test/@db.firm.test/x",
    "'postgresql://db.firm.test\\@evil.test/x'",
    "postgresql://db.firm.test/x?host=evil.test",
    "postgresql://db.firm.test/x?hostaddr=10.0.0.1",
    "postgresql://db.firm.test/x?sslkey=/etc/ssl/private/key",
    "postgresql://db.firm.test/x?service=other",
    "postgresql://db.firm.test/x?h%6fst=evil.test",
    "postgresql:///x",
    "postgresql:///x?host=/var/run/postgresql",
    "mysql://db.firm.test/pbx",
    "mysql://db.firm.test:3307/pbx?read_default_file=/etc/my.cnf",
    "mysql://db.firm.test:3307/pbx?unix_socket=/run/mysqld.sock",
    "imap://mail.firm.test",
    "imaps://me:${MAIL}@mail.firm.test/?ca=/etc/shadow",
    "sqlite:///data/other.sqlite",
    "sqlite:///data/../.servanda/state.sqlite3",
    "sqlite:////etc/passwd",
    "sqlite:///data/shop.sqlite?vfs=x",
    "file:data",
    "file:data/tapes/../..",
    "file:data/tapes/%2e%2e/%2e%2e/elsewhere",
    "file:data/tapes/way-out",
    "file:.servanda",
    "file:.servanda/keys",
    "file:.",
    "file:/",
    "file:////etc",
    "file:///etc",
    "{file: elsewhere/shadow}",
    "{file: secrets/other}",
    "{file: /etc/passwd}",
    "{file: .servanda/keys/master.key}",
)


@pytest.mark.parametrize("address", MAY)
def test_what_the_file_uses_already_may_be_named(folder: Path, address: str) -> None:
    assert _refused(folder, address) == []


@pytest.mark.parametrize("address", MAY_NOT)
def test_anything_else_may_not(folder: Path, address: str) -> None:
    found = _refused(folder, address)
    assert len(found) == 1, address
    assert not [each for each in ("a-secret", "root:", "p@ss") if each in found[0]]


def test_who_runs_the_machine_may_allow_more(folder: Path) -> None:
    more = f'[web]\nstore_hosts = ["evil.test", "10.0.0.1:6000", "{folder}/srv"]\n'
    for address in (
        "postgresql://evil.test/x",
        "mysql://evil.test:9999/x",
        "postgresql://10.0.0.1:6000/x",
        "sqlite:///srv/new.sqlite",
        "file:srv/more",
    ):
        assert len(_refused(folder, address)) == 1, address
        assert _refused(folder, address, more) == [], address
    for address in ("postgresql://10.0.0.1/x", "file:elsewhere", "file:.servanda"):
        assert len(_refused(folder, address, more)) == 1, address
    everything = f'[web]\nstore_hosts = ["{folder}"]\n'
    assert _refused(folder, "file:elsewhere", everything) == []
    for own in ("file:.servanda/keys", "file:.", "sqlite:///.servanda/state.sqlite3"):
        assert len(_refused(folder, own, everything)) == 1, own


def test_the_enquiries_are_a_store_and_nothing_beside_them_is(folder: Path) -> None:
    assert _refused(folder, "sqlite:///.servanda/enquiries.sqlite3") == []
    for other in ("sqlite:///.servanda/enquiries.sqlite3-wal", "file:.servanda/enquiries.sqlite3"):
        assert len(_refused(folder, other)) == 1, other


def test_a_refused_file_is_not_even_read(folder: Path) -> None:
    """Its being there, and its first word, would be told by the checker's own messages."""
    there, not_there = (
        _refused(folder, f"{{file: {name}}}") for name in ("elsewhere/shadow", "elsewhere/none")
    )
    assert there == not_there != []


def test_recount_is_an_address_too(folder: Path) -> None:
    draft = (
        b"stores:\n  crm:\n    connect: file:data/tapes\n    recount: postgresql://evil.test/x\n"
    )
    found = storeguard.refused(folder, config.load(folder), PRESENT, draft, ENV)
    assert [each.line for each in found] == [4]


def test_saving_in_a_page_goes_by_it(workspace: Workspace) -> None:
    old = (workspace.folder / "stores.yaml").read_text()
    bad = old.replace("file:tapes", "file:.servanda")
    assert bad != old
    draft = editing.check(workspace, "stores.yaml", bad)
    assert [each.code for each in draft.findings] == ["address-not-allowed"]
    narrower = old.replace("file:tapes", "file:tapes/new")
    (workspace.folder / "tapes" / "new").mkdir()
    assert editing.check(workspace, "stores.yaml", narrower).sound


@pytest.mark.parametrize(
    ("pattern", "may"),
    [
        ("old/*.wav", True),
        ("/etc/*", False),
        ("../.servanda/keys/*", False),
        ("{tapes}/*.gz", True),
        ("{tapes}/../crm.sqlite", False),
        ("{tapes}*", False),
    ],
)
def test_by_products_are_searched_where_stores_lie(
    workspace: Workspace, pattern: str, may: bool
) -> None:
    """A search of a file for a value tells whether it stands there."""
    pattern = pattern.replace("{tapes}", str((workspace.folder / "tapes").resolve()))
    old = (workspace.folder / "stores.yaml").read_text()
    new = old.replace(
        'files: {template: "{stem}.wav"}',
        f'files: {{template: "{{stem}}.wav"}}\n        byproducts: ["{pattern}"]',
    )
    assert new != old
    draft = editing.check(workspace, "stores.yaml", new)
    codes = [each.code for each in draft.findings]
    assert codes == ([] if may else ["address-not-allowed"])
