"""The published policy of a workspace: its policy.yaml in the words of its published.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from servanda.kernel.errors import CheckFailed, Diagnostic, UsageError
from servanda.law import notices
from servanda.policy.rules import Policy
from servanda.publish import standards
from servanda.publish.policy import FILES as FORMS
from servanda.publish.policy import Document, Facts, Template, document, render, stylesheet
from servanda.publish.policy import template as templates
from servanda.publish.policy.making import Making
from servanda.publish.policy.page import STYLE
from servanda.publish.policy.parts.rights import facts_shown
from servanda.publish.policy.words import Wording
from servanda.runtime.workspace import check

if TYPE_CHECKING:
    from servanda.publish.policy.reading import Reading
    from servanda.status.verdict import Verdict


@dataclass(frozen=True)
class Draft:
    """A policy ready to be published. `customers`: whom we act for, by name."""

    policy: Policy
    template: Template | None
    document: Document
    customers: tuple[str, ...]

    @property
    def reading(self) -> Reading:
        from servanda.publish.policy.reading import measured

        return measured(self.document)

    @property
    def missing(self) -> list[notices.Missing]:
        return notices.missing(self.policy, self.document.today)

    @property
    def unverified(self) -> list[tuple[str, str]]:
        """Facts of a law that it shows and that were not read in the law: place and source."""
        making = Making(self.policy, self.document.today, None, Wording())
        shown = ((place, each) for place, each in facts_shown(making) if not each.verified)
        return list(dict.fromkeys((place, each.source) for place, each in shown))

    @property
    def places(self) -> list[str]:
        return notices.places(self.policy, self.document.today)


def draft(folder: Path, now: datetime | None = None, edition: Facts | None = None) -> Draft:
    """Read a workspace's policy and template. CheckFailed where either has errors."""
    found = check(folder)
    errors: list[Diagnostic] = [d for d in found.diagnostics if d.severity == "error"]
    if found.policy is None or errors:
        raise CheckFailed(errors)
    today = (now or datetime.now(UTC)).astimezone(ZoneInfo(found.policy.zone)).date()
    template = template_of(folder, found.policy, today)
    doc = document(found.policy, today, edition=edition, template=template)
    tenants = found.stores.tenants if found.stores else ()
    return Draft(found.policy, template, doc, tuple(each.name for each in tenants))


def template_of(folder: Path, policy: Policy, today: date) -> Template | None:
    """The words of published.yaml beside the policy; None without one."""
    plain = document(policy, today)
    known = [each.id for each in plain.sections]
    return templates.load(folder / templates.NAME, policy, known)


def files(made: Draft, kinds: tuple[str, ...] = tuple(FORMS)) -> dict[str, bytes]:
    """The forms of the policy by file name, the page with its style sheet."""
    found = {FORMS[kind]: render(made.document, kind) for kind in kinds}
    return {**found, STYLE: stylesheet()} if "html" in kinds else found


def records(made: Draft) -> dict[str, bytes]:
    """Records of processing, as the laws of the policy want them."""
    from servanda.publish import records as kept

    found = kept.files(made.policy, made.document.today, made.customers)
    return {**found, STYLE: stylesheet()}


def write(folder: Path, made: dict[str, bytes]) -> list[Path]:
    """Write files into a folder that is made where there is none. UsageError when that fails."""
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in made.items():
            (folder / name).write_bytes(content)
            written.append(folder / name)
    except OSError as error:
        where = folder if not written else folder / name
        raise UsageError(f"{where} cannot be written ({error.strerror})", "say --out DIR") from None
    return written


@dataclass(frozen=True, slots=True)
class Carried:
    """A standard, and the promises that carry it with their verdicts (None: none known)."""

    standard: standards.Standard
    promises: tuple[tuple[str, str, Verdict | None], ...]


def standards_of(folder: Path, made: Draft, as_of: datetime) -> list[Carried]:
    """What carries each standard now. Verdicts come from the ledger, where there is one."""
    verdicts = _verdicts(folder, as_of)
    says = {each.id: each.says for each in made.policy.promises}
    return [
        Carried(each, tuple((id_, says[id_], verdicts.get(id_)) for id_ in carried[each.id]))
        for place, carried in standards.mapping(made.policy, made.document.today).items()
        for each in standards.standards()[place]
    ]


def _verdicts(folder: Path, as_of: datetime) -> dict[str, Verdict]:
    from servanda.runtime.judge import judge
    from servanda.runtime.workspace import STORES, Workspace

    if not (folder / STORES).is_file():
        return {}
    with Workspace.open(folder) as opened:
        opened.use_state()
        return {row.id: row.verdict for row in judge(as_of).rows}
