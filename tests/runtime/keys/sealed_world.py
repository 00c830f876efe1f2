"""A workspace in which everything that hangs on the master key is there at least twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from servanda import ledger, state
from servanda.apply.requests import marks
from servanda.desk import holds
from servanda.desk.consents import Act, history, person, record
from servanda.desk.requests import vault
from servanda.kernel import seal as sealing
from servanda.kernel.seal import SealBroken
from servanda.runtime.workspace import Workspace
from tests.cli.shop import build
from tests.ledger.evidence import keys

PEOPLE = ("ada@example.test", "bob@example.test", "cid@example.test")
RUNS = ("r1", "r2")


def made(folder: Path, url: str = "", settings: str = "") -> Workspace:
    """A new workspace, filled."""
    build(folder)
    lines = [f'[state]\nurl = "{url}"\n'] if url else []
    (folder / "servanda.toml").write_text("\n".join([*lines, settings]), encoding="utf-8")
    workspace = Workspace.open(folder)
    workspace.use_state()
    fill(workspace)
    return workspace


def fill(workspace: Workspace) -> None:
    from servanda.state.models import Person

    for email in PEOPLE:
        opened(workspace, email)
    gone = Person.objects.get(requests__id=3)
    with state.transaction():
        vault.destroy(gone, gone.made_at)
    for email in PEOPLE[:2]:
        holds.add_person(workspace.master, [("email", email)], reason=f"case {email}", by="ann")
    ended = holds.add_record(workspace.master, "shop.messages", [7], reason="old", by="ann")
    holds.release(ended, by="ann", reason="over")
    purpose = workspace.policy.activities[0].purposes[0]
    for email in PEOPLE[:2]:
        record(
            workspace.desk.book,
            Act(person(("email", email)), {purpose: {"": False}}, "phone", note=f"{email} rang"),
        )
    for run in RUNS:
        with state.transaction():
            digest, row = ledger.manifests.seal(workspace.master, run, "s", 0, keys(0))
            row.save(force_insert=True)
            ledger.append([{"kind": "run.started", "run": run, "digest": digest}])
    workspace.master.seal("second factor", b"made, so that it is there")


def opened(workspace: Workspace, email: str) -> str:
    return workspace.desk.new(
        "access", [("email", email)], received=date(2026, 3, 16), via="post", by="ann"
    )


def seen(workspace: Workspace) -> dict[str, Any]:
    """Whatever the master key opens, opened; and what is derived from it."""
    from servanda.state.models import Manifest

    master, desk = workspace.master, workspace.desk
    views = [desk.get(str(number)) for number in range(1, len(PEOPLE) + 1)]
    return {
        "people": [(view.readable, view.identities) for view in views],
        "marks": [desk.book.mark("email", email) for email in PEOPLE],
        "consents": [
            [(person_.identities, history.note(desk.book, kept))]
            for email in PEOPLE
            if (person_ := history.person(desk.book, desk.book.mark("email", email))) is not None
            for kept in history.of(person_.subject)
        ],
        "erased": marks.mark_key(master),
        "pseudonyms": workspace.site.pseudonym_key,
        "holds": sorted(
            (view.spec.id, view.reason, view.spec.identities, view.spec.key)
            for view in holds.listed(master, released=True)
        ),
        "manifests": [
            ledger.manifests.open_sealed(master, digest)
            for digest in Manifest.objects.order_by("run").values_list("digest", flat=True)
        ],
    }


def opened_by(key: bytes) -> list[str]:
    """Which rows a key alone opens."""
    from servanda.state.models import ConsentSubject, EvidenceKey, Hold, KeyRoot, Person

    found = []
    rows: tuple[Any, ...] = (
        *Person.objects.filter(destroyed_at=None),
        *ConsentSubject.objects.filter(destroyed_at=None),
        *EvidenceKey.objects.all(),
        *KeyRoot.objects.all(),
    )
    for row in rows:
        try:
            sealing.unwrap(key, bytes(row.wrapped))
        except SealBroken:
            continue
        found.append(f"{type(row).__name__} {row.pk}")
    for row in Hold.objects.all():
        for part in ("subject", "reason"):
            try:
                sealing.unseal(key, bytes(getattr(row, part)), holds.place(row.id, part))
            except SealBroken:
                continue
            found.append(f"hold {row.id} {part}")
    return found


def everything() -> int:
    """How many of them there are: two people's keys, two of consents, two runs', the roots, three
    holds."""
    from servanda.state.models import ConsentSubject, EvidenceKey, Hold, KeyRoot, Person

    people = Person.objects.filter(destroyed_at=None).count() + ConsentSubject.objects.count()
    return people + EvidenceKey.objects.count() + KeyRoot.objects.count() + 2 * Hold.objects.count()
