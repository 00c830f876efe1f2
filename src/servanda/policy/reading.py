"""policy.yaml to a compiled policy, or to everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from servanda.kernel.errors import CheckFailed, Diagnostic
from servanda.kernel.located import Findings, Located, has_errors, parse, read
from servanda.policy.checks import check
from servanda.policy.compile import compile_policy
from servanda.policy.document import MISSING, PolicyDoc
from servanda.policy.rules import Policy
from servanda.policy.structure import shape

_ENTRIES = tuple(
    (section, "*")
    for section in (
        "recipients",
        "consents",
        "events",
        "activities",
        "rights",
        "cookies",
        "forms",
        "messages",
    )
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """`policy` is None when there is any error; warnings leave it usable."""

    policy: Policy | None
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def require(self) -> Policy:
        """The policy; CheckFailed when it has errors."""
        if self.policy is None:
            raise CheckFailed(self.diagnostics)
        return self.policy


def load(path: Path, *, shown: str | None = None, today: str | None = None) -> Loaded:
    """Read and check a policy file; UsageError when it cannot be opened.

    `shown`: the file's name in messages. `today`: ISO date, for adequacy decisions.
    """
    return _finish(*read(path, shown), today)


def loads(source: bytes, file: str = "policy.yaml", *, today: str | None = None) -> Loaded:
    """The same for bytes that are at hand."""
    return _finish(*parse(source, file), today)


def _finish(located: Located | None, problems: list[Diagnostic], today: str | None) -> Loaded:
    if located is None:
        return Loaded(None, sorted(problems))
    findings = Findings(located, list(problems))
    doc = shape(PolicyDoc, findings, (*_ENTRIES, ("promises", "*")), MISSING)
    if doc is not None:
        check(doc, findings, today or datetime.now(UTC).date().isoformat())
    diagnostics = sorted(findings.found)
    if doc is None or has_errors(diagnostics):
        return Loaded(None, diagnostics)
    return Loaded(compile_policy(doc, located), diagnostics)
