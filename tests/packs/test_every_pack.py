"""What holds of each pack that ships, and the queue log as a table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from servanda.connectors.files.layout import compile_layout
from servanda.connectors.files.sequence import Numbering
from servanda.runtime.workspace import Workspace
from servanda.stores import packs
from tests.packs.company import LATELY, LONG_AGO, company, look, sweep

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(path.parent.name for path in ROOT.glob("src/servanda/packs/*/pack.yaml"))
FOLDERS = [name for name in SHIPPED if name.startswith("asterisk-") and "table" not in name]


def one(name: str, folder: Path) -> Workspace:
    address = folder.as_uri() if name in FOLDERS else f"sqlite:///{folder / 'x.db'}"
    if name.startswith("imap-"):
        address = "imaps://support:secret@mail.example"
    beside = {} if name == "asterisk" else {"pbx": ("asterisk", f"sqlite:///{folder / 'pbx.db'}")}
    return company(folder / "jtec", it=(name, address), **beside)


def test_there_are_packs(tmp_path: Path) -> None:
    assert packs.names(tmp_path) == SHIPPED
    assert {"asterisk", "asterisk-recordings", "imap-mailbox", "wordpress"} <= set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_pack_fits_the_sample_policy(name: str, tmp_path: Path) -> None:
    with one(name, tmp_path) as workspace:
        config = next(each for each in workspace.configs if each.name == "it")
    assert config.collections
    for collection in config.collections:
        assert collection.personal or collection.links  # a link table tells whose others are
        assert collection.activity or collection.exempt
        assert collection.clocks or collection.exempt
        if collection.mailbox is not None:
            continue
        if collection.files is None:
            assert collection.expect or collection.exempt, "no fingerprint"
            continue
        layout = compile_layout(collection.files.template, collection.files.sidecars)
        if collection.files.sequence:
            assert Numbering.parse(collection.files.sequence).group in layout.groups
        if collection.files.lines:
            groups = re.compile(collection.files.lines).groupindex
            assert {f.name for f in collection.fields} - {"name"} <= set(groups)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_readme_of_a_pack_names_tests_that_exist(name: str) -> None:
    text = (ROOT / "src/servanda/packs" / name / "README.md").read_text()
    assert f"pack: {name}" in text
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for path in re.findall(r"`(tests/[\w/]+\.py)`", text):
        assert (ROOT / path).exists(), path
    for test in re.findall(r"`(test_\w+)…?`", text):
        assert f"def {test}" in tests, test


QUEUE_LOG = """
CREATE TABLE queue_log (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, time {time}, callid VARCHAR(80) NOT NULL,
  queuename VARCHAR(256) NOT NULL, agent VARCHAR(80) NOT NULL, event VARCHAR(32) NOT NULL,
  data1 VARCHAR(100) NOT NULL, data2 VARCHAR(100) NOT NULL, data3 VARCHAR(100) NOT NULL,
  data4 VARCHAR(100) NOT NULL, data5 VARCHAR(100) NOT NULL)
"""


@pytest.mark.services
@pytest.mark.parametrize("time", ["CHAR(26) NULL", "DATETIME(6) NULL"])
def test_the_queue_log_as_a_table(mariadb_db: str, tmp_path: Path, time: str) -> None:
    engine = sa.create_engine(mariadb_db, poolclass=sa.NullPool)
    calls = [(LONG_AGO, "+442890180001"), (LATELY, "+442890180002"), (None, "+442890180003")]
    with engine.begin() as connection:
        connection.execute(sa.text(QUEUE_LOG.format(time=time)))
        for when, caller in calls:
            connection.execute(
                sa.text(
                    "INSERT INTO queue_log VALUES (NULL, :time, '1.1', 'support', 'NONE',"
                    " 'ENTERQUEUE', '', :caller, '1', '', '')"
                ),
                {"time": when and f"{when:%Y-%m-%d %H:%M:%S.%f}", "caller": caller},
            )
    with company(tmp_path / "jtec", queue=("asterisk-queue-table", mariadb_db)) as workspace:
        assert look(workspace).complete
        counts, outcome = sweep(workspace)
    assert counts == {"queue.queue_log": 1}
    with engine.connect() as connection:
        left = connection.execute(sa.text("SELECT data2 FROM queue_log ORDER BY id")).scalars()
        assert list(left) == [caller for _, caller in calls[1:]]
    assert [(r.total, r.unstarted) for r in outcome.recounts] == [(2, 1)]
