"""What a verification found."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_FINDINGS = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `code` is stable; `where` names the entry, checkpoint or file."""

    code: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(slots=True)
class Report:
    """`ok` only if nothing was found. Counts tell what was looked at.

    `manifests`: sealed manifests whose bytes fit their entry; `opened`: those also decrypted and
    counted; `manifests_left_out`: the bundle carries none, so they were not checked.
    """

    entries: int = 0
    checkpoints: int = 0
    uncovered: int = 0  # entries at the end that no checkpoint speaks for yet
    root: str = ""  # hex, over all entries
    first_at: str | None = None
    last_at: str | None = None
    kinds: dict[str, int] = field(default_factory=dict)
    manifests: int = 0
    opened: int = 0
    manifests_left_out: bool = False
    earlier_size: int | None = None  # of the earlier checkpoint this was compared with
    findings: list[Finding] = field(default_factory=list)
    more_findings: int = 0

    @property
    def ok(self) -> bool:
        return not self.findings

    def found(self, code: str, where: str, what: str) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(code, where, what))
        else:
            self.more_findings += 1
