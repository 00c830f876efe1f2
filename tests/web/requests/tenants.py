"""The firm with two customers: clients 1 and 2 are Acme's, 3 and 4 Beta's, 5 nobody knows whose;
all recordings are Beta's."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from servanda.runtime import hub
from servanda.runtime.workspace import Workspace


def with_tenants(site: Workspace) -> Workspace:
    stores = (site.folder / "stores.yaml").read_text()
    stores = stores.replace(
        'own: {phone: ["100"]}',
        'own: {phone: ["100"]}\n'
        "tenants:\n"
        "  acme: {name: Acme, tighten: {clients: {at_most: 5 years}}}\n"
        "  beta: {name: Beta}",
    )
    stores = stores.replace(
        "identify: {email: [email], phone: [phone]}",
        "identify: {email: [email], phone: [phone]}\n        tenant: firm",
    ).replace(
        "          id: []\n          name: name",
        "          id: []\n          firm: []\n          name: name",
    )
    stores = stores.replace(
        "        key: [path]", "        key: [path]\n        tenant: {constant: beta}"
    )
    (site.folder / "stores.yaml").write_text(stores)
    with closing(sqlite3.connect(site.folder / "crm.sqlite")) as db, db:
        db.execute("ALTER TABLE clients ADD COLUMN firm TEXT")
        db.execute("UPDATE clients SET firm = 'acme' WHERE id IN (1, 2)")
        db.execute("UPDATE clients SET firm = 'beta' WHERE id IN (3, 4)")
    found = hub.workspace()
    assert hub.fault() is None, hub.fault()
    return found
