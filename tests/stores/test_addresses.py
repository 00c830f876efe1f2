"""Addresses: secrets from outside, quoted where they must be, and paths that mean one place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from servanda.kernel.located import Findings, parse
from servanda.runtime.registry import CONNECTORS
from servanda.stores.connect import SCHEMES, resolve
from servanda.stores.document import FromFile

NASTY = "p@ss/w:rd#%?é"


def found(
    address: str | FromFile, folder: Path, env: Mapping[str, str] | None = None
) -> tuple[str | None, list[str]]:
    located, _ = parse(b"a: 1", "stores.yaml")
    assert located is not None
    findings = Findings(located)
    return resolve(address, folder, env or {}, findings, ("a",)), [d.code for d in findings.found]


def test_every_kind_of_store_has_a_connector_and_the_other_way_round() -> None:
    assert set(SCHEMES) == set(CONNECTORS)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("sqlite:///data.db", "sqlite:///{folder}/data.db"),
        ("sqlite:///sub/data.db?mode=ro", "sqlite:///{folder}/sub/data.db?mode=ro"),
        ("sqlite:////abs/data.db", "sqlite:////abs/data.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("file:recordings", "file://{folder}/recordings"),
        ("file:./recordings", "file://{folder}/recordings"),
        ("file:../elsewhere", "file://{parent}/elsewhere"),
        ("file:/var/spool", "file:/var/spool"),
        ("file:///var/spool", "file:///var/spool"),
        ("postgresql://reader@127.0.0.1/shop", "postgresql://reader@127.0.0.1/shop"),
        ("mysql+pymysql://127.0.0.1/shop", "mysql+pymysql://127.0.0.1/shop"),
    ],
)
def test_relative_paths_are_relative_to_the_file(
    tmp_path: Path, address: str, expected: str
) -> None:
    whole = expected.format(folder=tmp_path, parent=tmp_path.parent)
    assert found(address, tmp_path) == (whole, [])


def test_a_password_arrives_whole_whatever_is_in_it(tmp_path: Path) -> None:
    address = "mysql+pymysql://servanda:${PW}@127.0.0.1:3306/cdr"
    resolved, codes = found(address, tmp_path, {"PW": NASTY})
    assert codes == []
    url = make_url(resolved or "")
    assert (url.password, url.host, url.database) == (NASTY, "127.0.0.1", "cdr")


def test_a_whole_address_from_a_variable_is_taken_as_it_is(tmp_path: Path) -> None:
    whole = "postgresql://servanda:p%40ss@127.0.0.1/shop"
    assert found("${URL}", tmp_path, {"URL": whole}) == (whole, [])


def test_a_default_stands_in_for_a_variable_that_is_missing_or_empty(tmp_path: Path) -> None:
    address = "${URL:-sqlite:///a.db}"
    expected = f"sqlite:///{tmp_path}/a.db"
    assert found(address, tmp_path)[0] == expected
    assert found(address, tmp_path, {"URL": ""})[0] == expected
    other = f"sqlite:///{tmp_path}/b.db"
    assert found(address, tmp_path, {"URL": "sqlite:///b.db"})[0] == other


def test_every_missing_variable_is_named(tmp_path: Path) -> None:
    resolved, codes = found("postgresql://${A}:${B}@${C:-127.0.0.1}/x", tmp_path)
    assert resolved is None
    assert codes == ["missing-variable", "missing-variable"]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://a:hunter2@127.0.0.1/x",
        "postgresql://a:${PW:-hunter2}@127.0.0.1/x",
        "postgresql://127.0.0.1/x?user=a&password=hunter2",
        "postgresql://127.0.0.1/x?PASSWORD=hunter2",
        "postgresql://${USER}:hunter2@127.0.0.1/x",
    ],
)
def test_a_password_written_out_is_refused(tmp_path: Path, address: str) -> None:
    assert found(address, tmp_path, {"USER": "a", "PW": "b"}) == (None, ["literal-password"])


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://a:${PW}@127.0.0.1/x",
        "postgresql://a@127.0.0.1/x",
        "postgresql://a:@127.0.0.1/x",
        "postgresql://127.0.0.1/x?password=${PW}",
    ],
)
def test_what_is_no_password_written_out(tmp_path: Path, address: str) -> None:
    assert found(address, tmp_path, {"PW": "b"})[1] == []


def test_an_address_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("  postgresql://a:hunter2@127.0.0.1/x\n")
    address = FromFile(file="secret")
    assert found(address, tmp_path) == ("postgresql://a:hunter2@127.0.0.1/x", [])
    assert found(FromFile(file=str(tmp_path / "secret")), Path("/"))[1] == []


@pytest.mark.parametrize("content", [b"", b"  \n", b"a\nb", b"\xff\xfe", b"x" * 5000, b"a\x00b"])
def test_a_file_that_holds_no_address(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret").write_bytes(content)
    assert found(FromFile(file="secret"), tmp_path) == (None, ["secret-file"])


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert found(FromFile(file="missing"), tmp_path) == (None, ["secret-file"])
    assert found(FromFile(file="."), tmp_path) == (None, ["secret-file"])
