"""Export evidence as one file that a stranger can check with the public key alone.

The same ledger gives the same bytes. Entries and manifests stream; memory does not grow.
The danger: an opened evidence key makes its run's manifests readable, for ever, to whoever holds
the file; so none goes in unless its run is named. Tests: tests/ledger/test_bundle.py.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from servanda.kernel.canonical import canonical
from servanda.kernel.errors import UsageError
from servanda.kernel.keyring import Master
from servanda.ledger import checkpoint, history, manifests, proofs
from servanda.ledger.entries import stamp
from servanda.ledger.signer import Signer
from servanda.ledger.verify import layout
from servanda.ledger.verify.note import encode

_README = """\
Evidence of a Servanda ledger.

Check it with:    servanda verify THIS-FILE --key VKEY
where VKEY is the public key of the ledger, which you should have from somewhere else.

entries.jsonl      what was decided and done, one entry a line; each is a leaf of the Merkle tree
                   (RFC 6962: SHA-256 over a zero byte and the line without its end)
checkpoints.jsonl  signed statements of that tree's root (C2SP tlog-checkpoint)
manifests.jsonl    sealed lists of the records each window touched
keys.json          keys that open the manifests of some runs, where they were asked for
contents           signed table of the files above
"""


def export(
    path: Path,
    signer: Signer,
    *,
    until: datetime | None = None,
    include_manifests: bool = True,
    open_runs: Sequence[str] = (),
    master: Master | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write a bundle of all entries (made at or before `until`) to `path`; how many there were.

    `open_runs`: runs whose evidence keys are put in, unwrapped with `master`, so that their
    manifests can be read. `progress` is told the number of entries written so far. The file
    appears complete or not at all. Raises UsageError when it cannot be written, EvidenceGone for
    a run whose key is destroyed.
    """
    if open_runs and master is None:
        raise UsageError("opening a run's manifests needs the workspace's master key")
    size = proofs.size() if until is None else history.size_at(until)
    keys = {run: encode(manifests.evidence_key(master or b"", run)) for run in open_runs}
    header = {
        "v": layout.VERSION,
        "origin": signer.name,
        "size": size,
        "until": None if until is None else stamp(until),
        "manifests": include_manifests,
    }
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("xb") as file, zipfile.ZipFile(file, "w") as archive:
            bundle = _Writer(archive)
            bundle.add(layout.README, [_README.encode()])
            bundle.add(layout.HEADER, [canonical(header)])
            bundle.add(layout.CHECKPOINTS, _notes(size, signer))
            bundle.add(layout.ENTRIES, _entries(size, progress))
            bundle.add(layout.MANIFESTS, _manifests(size) if include_manifests else ())
            bundle.add(layout.KEYS, [canonical(keys)])
            text = layout.contents_text(signer.name, bundle.members)
            bundle.add(layout.CONTENTS, [signer.sign(text).encode()])
            archive.close()
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise UsageError(
            f"the bundle {path} cannot be written ({error.strerror})", "check folder and free space"
        ) from None
    finally:
        with contextlib.suppress(OSError):  # its folder may be no folder
            draft.unlink(missing_ok=True)
    return size


def _notes(size: int, signer: Signer) -> Iterator[bytes]:
    last = ""
    for last in checkpoint.notes(upto=size):
        yield canonical(last) + b"\n"
    final = checkpoint.note_at(size, signer)
    if final != last:
        yield canonical(final) + b"\n"


def _entries(size: int, progress: Callable[[int], None] | None) -> Iterator[bytes]:
    done = 0
    for page in history.raw_leaves(size):
        yield b"\n".join(page) + b"\n"
        done += len(page)
        if progress is not None:
            progress(done)


def _manifests(size: int) -> Iterator[bytes]:
    for digest, sealed in manifests.in_order(size):
        text = None if sealed is None else encode(sealed)
        yield canonical({"digest": digest, "sealed": text}) + b"\n"


class _Writer:
    """A zip whose bytes depend on nothing but its content."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive
        self.members: list[tuple[str, int, str]] = []

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        info.external_attr = 0o600 << 16
        info.create_system = 3
        # What is sealed looks random and base64 gives a quarter back at best: not worth the time.
        info.compress_type = (
            zipfile.ZIP_STORED if name == layout.MANIFESTS else zipfile.ZIP_DEFLATED
        )
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                size += len(piece)
        self.members.append((digest.hexdigest(), size, name))
