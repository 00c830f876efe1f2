"""A process with all web faces' tables: their rows and their shape before a backup and after."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from servanda.web import start


def told(folder: Path) -> dict[str, Any]:
    """Shape and rows of every table, as text."""
    from servanda.runtime.backup.postgresql import Moment
    from tests.runtime.backup.engines import rows

    moment = Moment()
    try:
        shapes = {table.pop("name"): table for table in moment.tables}
    finally:
        moment.close()
    return {"shapes": shapes, "rows": {name: repr(found) for name, found in rows().items()}}


def main(folder: Path, archive: Path) -> None:
    start.configure(folder)
    from servanda.runtime import hub
    from servanda.runtime.backup import make
    from servanda.runtime.backup.restore import restore
    from servanda.web.models import Member
    from tests.runtime.backup.engines import PHRASE

    workspace = hub.workspace()
    for name in ("ann", "bob"):
        Member.objects.create(email=f"{name}@example.test", name=name, role="auditor")
    workspace.master.seal("second factor", b"so that its root is there")
    before = told(folder)
    make.backup(workspace, archive, PHRASE)
    Member.objects.create(email="late@example.test", name="late", role="owner")
    workspace.close()
    restore(folder, archive, PHRASE)
    workspace.use_state()
    after = told(folder)
    later = Member.objects.create(email="dan@example.test", name="dan", role="support")
    print(json.dumps({"before": before, "after": after, "id": later.pk}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
