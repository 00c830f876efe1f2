"""Sealed manifests: which records a window touched, readable only with the run's evidence key.

The danger: a manifest may hold personal data (a key can be an address), so it is never stored in
the clear; and once its key is destroyed nobody, the operator included, may open it again. What
guards it: AES-256-GCM bound to run, step, window, encoding and count; the wrapped key overwritten
in place and scrubbed from the database's files. What remains: backups of the state database
taken before, until they expire. Tests: tests/ledger/test_manifests.py, test_key_destruction.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

from django.db import IntegrityError, connection

from servanda import state
from servanda.kernel import keyring
from servanda.kernel import seal as sealing
from servanda.kernel.digest import sha256_hex
from servanda.kernel.errors import ServandaError
from servanda.kernel.keyring import Master
from servanda.ledger import history
from servanda.ledger.log import append
from servanda.ledger.verify.manifest import agrees, place
from servanda.state.connection import guard
from servanda.state.models import EvidenceKey, Manifest, RequestRun, Run
from servanda.stores.port import Keys

_ENCODINGS: dict[str, Literal["i8", "json", "sha256", "partition"]] = {
    "i8": "i8",
    "json": "json",
    "sha256": "sha256",
    "partition": "partition",
}


class EvidenceGone(ServandaError):
    """The run's evidence key is destroyed or was never made: its manifests stay closed."""


class ManifestBroken(ServandaError):
    """A manifest is missing or is not what its ledger entry says."""


def seal(master: Master, run: str, step: str, window: int, keys: Keys) -> tuple[str, Manifest]:
    """Seal a window's keys: the digest for its ledger entry, and a row the caller saves with it.

    `master` is the workspace's master key. The run's evidence key is made on first
    use, and committed with the caller's transaction if there is one. The entry that carries the
    digest must carry the same run, step, window, encoding and count, under those names.
    Raises EvidenceGone when the run's key was destroyed.
    """
    key = _key(master, run, make=True)
    sealed = sealing.seal(key, keys.data, place(run, step, window, keys.encoding, keys.count))
    digest = sha256_hex(sealed)
    return digest, Manifest(
        digest=digest,
        run=run,
        step=step,
        window=window,
        encoding=keys.encoding,
        count=keys.count,
        sealed=sealed,
    )


def open_sealed(master: Master, digest: str) -> Keys:
    """The keys in the manifest with this digest.

    Raises ManifestBroken when it is missing or altered, EvidenceGone when its key is destroyed.
    """
    with guard():
        row = Manifest.objects.filter(digest=digest).first()
    if row is None or sha256_hex(bytes(row.sealed)) != digest:
        raise ManifestBroken(
            f"manifest {digest[:12]}… is missing or was altered",
            "restore the state database from a backup; run `servanda verify`",
        )
    bound = place(row.run, row.step, row.window, row.encoding, row.count)
    data = sealing.unseal(_key(master, row.run), bytes(row.sealed), bound)
    encoding = _ENCODINGS.get(row.encoding)
    if encoding is None or not agrees(encoding, data, row.count):
        raise ManifestBroken(f"manifest {digest[:12]}… does not hold what it says")
    return Keys(encoding, data, row.count)


def make_key(master: Master, run: str) -> bytes:
    """The run's evidence key, made now with the caller's transaction if it is not there yet."""
    return _key(master, run, make=True)


def evidence_key(master: Master, run: str) -> bytes:
    """The key that opens a run's manifests, to be shown to an auditor. EvidenceGone without one."""
    return _key(master, run)


def in_order(size: int) -> Iterator[tuple[str, bytes | None]]:
    """(digest, sealed bytes) for each of the first `size` entries that names a manifest, in order;
    None where the manifest is missing."""
    for page in history.raw_leaves(size):
        for raw in page:
            if b'"manifest":' in raw and "manifest" in (entry := json.loads(raw)):
                yield find(entry["manifest"])


def find(digest: str) -> tuple[str, bytes | None]:
    """The digest and the sealed bytes kept under it; None where there are none."""
    with guard():
        row = Manifest.objects.filter(digest=digest).values_list("sealed").first()
    return digest, None if row is None else bytes(row[0])


def expired_keys(before: datetime) -> list[str]:
    """Runs whose evidence key is still there and that ended before `before`, oldest first.

    A run that has not ended is never listed: it may still need to read its manifests.
    """
    with guard():
        ended: dict[str, datetime] = {}
        for kind in (Run, RequestRun):
            for row in kind.objects.filter(ended_at__lt=before).only("id", "ended_at"):
                ended[row.id] = row.ended_at or before
        outstanding = RequestRun.objects.filter(state=RequestRun.State.PENDING)
        for run in outstanding.values_list("id", flat=True):
            ended.pop(run, None)  # its plan is still needed
        there = set(
            EvidenceKey.objects.filter(destroyed_at=None, run__in=list(ended)).values_list(
                "run", flat=True
            )
        )
    return sorted(there, key=lambda run: (ended[run], run))


def destroy_key(run: str, *, now: datetime | None = None) -> bool:
    """Destroy a run's evidence key for ever and say so in the ledger; False if it is gone already.

    The tree stays verifiable and the manifests stay where they are, closed. Must not be called
    inside a transaction (the files are scrubbed after the commit). Raises EvidenceGone when the
    run never had a key, ServandaError while the run has not ended.
    """
    moment = datetime.now(UTC) if now is None else now
    with state.transaction():
        row = EvidenceKey.objects.select_for_update().filter(run=run).first()
        if row is None:
            raise EvidenceGone(f"run {run} has no evidence key")
        if row.destroyed_at is not None:
            return False
        working = [kind.objects.filter(id=run, ended_at=None) for kind in (Run, RequestRun)]
        if any(each.exists() for each in working):
            raise ServandaError(
                f"run {run} has not ended, so it may still need its evidence key",
                "let it end first: `servanda apply` resumes it",
            )
        # Same length first, so that the old bytes are overwritten where they lie.
        EvidenceKey.objects.filter(run=run).update(wrapped=bytes(len(bytes(row.wrapped))))
        EvidenceKey.objects.filter(run=run).update(wrapped=b"", destroyed_at=moment)
        append([{"kind": "key.destroyed", "run": run}], now=now)
    _scrub()
    return True


def _scrub() -> None:
    """Let the engine forget the old row: what is left in free space and in the log."""
    with guard(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute("VACUUM FULL servanda_evidencekey")


def _key(master: Master, run: str, *, make: bool = False) -> bytes:
    with guard():
        row = EvidenceKey.objects.filter(run=run).first()
        if row is None and make:
            row = _made(master, run)
    if row is None or row.destroyed_at is not None:
        raise EvidenceGone(
            f"the evidence key of run {run} is not there any more",
            "its retention has ended; the tree still proves that the run took place",
        )
    return keyring.unwrap(master, bytes(row.wrapped))


def _made(master: Master, run: str) -> EvidenceKey:
    from django.db import transaction

    try:
        with transaction.atomic():  # a savepoint: losing the race must not end the caller's work
            wrapped = keyring.wrap(master, sealing.new_key())
            return EvidenceKey.objects.create(run=run, wrapped=wrapped, made_at=datetime.now(UTC))
    except IntegrityError:
        return EvidenceKey.objects.get(run=run)
