"""`servanda verify`: is the evidence whole? Trusts nothing but the public key."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from servanda.cli.output import AsJson, Folder, counted, say, show_json, working
from servanda.kernel.errors import Exit, UsageError

if TYPE_CHECKING:
    from servanda.ledger.verify import Proven, Report, Signed


def verify(
    bundle: Annotated[
        Path | None,
        typer.Argument(
            help="A bundle of `servanda evidence export`, a receipt, a package's manifest.json, "
            "or the proof of one entry."
        ),
    ] = None,
    key: Annotated[
        str, typer.Option("--key", help="The public key, or a file that holds it.")
    ] = "",
    since: Annotated[
        Path | None,
        typer.Option(help="A checkpoint you kept: it must still be a beginning of the ledger."),
    ] = None,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Check the evidence: a bundle, or without one the ledger of this workspace.

    Finds any entry or manifest that was edited, removed, reordered or forged. A receipt is checked
    for its signature and its place in the ledger; the manifest of an unpacked package also for the
    files beside it. The proof of an entry, or of two checkpoints, is a file from the console.
    Exit code 1 when something is wrong.
    """
    from servanda.cli.commands.verify_signed import tell_proven, tell_signed
    from servanda.ledger.verify import NoteRefused, Proven, Signed

    earlier = _read(since) if since else None
    try:
        with working("Verifying …", quiet=as_json):
            report = (
                _of_bundle(bundle, key, earlier, workspace)
                if bundle
                else _of_workspace(workspace, key, earlier)
            )
    except NoteRefused as error:
        raise UsageError(f"the key is not usable: {error}", "see `servanda evidence key`") from None
    if as_json:
        show_json({"ok": report.ok, **asdict(report)})
    elif isinstance(report, Signed):
        tell_signed(report)
    elif isinstance(report, Proven):
        tell_proven(report)
    else:
        _tell(report)
    return Exit.OK if report.ok else Exit.BROKEN


def _of_bundle(
    bundle: Path, key: str, earlier: str | None, workspace: Path
) -> Report | Signed | Proven:
    from servanda.ledger.verify import (
        is_proof,
        is_statement,
        verify_bundle,
        verify_proof,
        verify_signed,
    )

    if not bundle.is_file():
        raise UsageError(f"{bundle} is not there", "make one: servanda evidence export -o FILE")
    if not key:
        published = workspace / ".servanda" / "checkpoints" / "servanda.vkey"
        if not published.is_file():
            raise UsageError(
                "which public key should it be checked against?",
                "give it with --key; its owner prints it with `servanda evidence key`",
            )
        key = str(published)
    if is_proof(bundle):
        return verify_proof(bundle, _key(key))
    if is_statement(bundle):
        return verify_signed(bundle, _key(key))
    return verify_bundle(bundle, _key(key), earlier)


def _of_workspace(folder: Path, key: str, earlier: str | None) -> Report:
    from servanda.ledger import live
    from servanda.runtime.workspace import Workspace

    with Workspace.open(folder) as workspace:
        workspace.use_state()
        published = workspace.published / "checkpoint"
        if earlier is None and published.is_file():  # what others may hold must still fit
            earlier = _read(published)
        return live.verify(_key(key) if key else workspace.signer.vkey, earlier)


def _key(text: str) -> str:
    return _read(Path(text)).strip() if "+" not in text or Path(text).is_file() else text


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{path} cannot be read", "check the name") from None


def _tell(report: Report) -> None:
    for finding in report.findings:
        say(f"✗ {finding}")
    if report.more_findings:
        say(f"✗ … and {report.more_findings:,} more")
    looked = f"{counted(report.entries, 'entry')}, {counted(report.checkpoints, 'checkpoint')}"
    if report.manifests_left_out:
        looked += "; the bundle carries no manifests"
    else:
        looked += f", {counted(report.manifests, 'manifest')} ({report.opened:,} opened)"
    if report.ok:
        say(f"✓ whole: {looked}")
        if report.first_at:
            say(f"  from {report.first_at} to {report.last_at}, root {report.root}")
        if report.uncovered:
            last = counted(report.uncovered, "entry")
            say(f"  no signed checkpoint speaks yet for the last of them: {last}")
    else:
        say(f"NOT WHOLE: {looked}")
