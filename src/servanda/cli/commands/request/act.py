"""`servanda request act`: do in the stores what was decided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servanda.cli.output import AsJson, By, Folder, counted, say, show_json, working
from servanda.kernel.errors import Exit, UsageError

if TYPE_CHECKING:
    from servanda.runtime.requests import Worked


def act(
    refs: Annotated[
        list[str] | None, typer.Argument(metavar="[N]…", help="Which requests; all without it.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    only_plan: Annotated[bool, typer.Option("--plan", help="Only say what would be done.")] = False,
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Erase, correct or withdraw in every store, as decided; several requests in one pass.

    It first says what goes, what stays and why, and asks. What a floor, a hold or another owner
    keeps, stays. A store that does not answer is done by the scheduled run, or by this command
    again. Then all stores are searched for what may be left. JSON holds the keys of records, which
    may be personal data.
    """
    from servanda.plan.requests import data, text
    from servanda.runtime import requests
    from servanda.runtime.workspace import Workspace

    if as_json and not (yes or only_plan):
        raise UsageError("a program cannot be asked", "give --yes to act, or --plan to look")
    with Workspace.open(workspace) as opened:
        opened.use_state()
        ended = set() if only_plan else requests.brought_to_end(opened)
        wanted = [ref for ref in refs or () if ref not in ended]
        if ended and not as_json:
            say(f"had been interrupted, and is done now: request {', '.join(sorted(ended))}")
        views = requests.to_act_on(opened, wanted) if wanted or not refs else []
        if not refs and (later := views[requests.MOST_AT_ONCE :]):
            views = views[: requests.MOST_AT_ONCE]
            if not as_json:
                say(f"{counted(len(later), 'request')} more wait: give this command again for them")
        if not views:
            if as_json:
                show_json({"requests": []})
            else:
                say("no request waits to be acted on")
            return Exit.OK
        with requests.acting(opened) as actor:
            with working("Searching …", as_json):
                plan = requests.plan(opened, views, actor)
            if not as_json:
                say(text(plan, opened.zone).rstrip())
            if only_plan:
                if as_json:
                    show_json(data(plan))
                return Exit.UNREACHABLE if plan.silent else Exit.OK
            if not plan.refs:
                first = plan.unclear[0].ref
                raise UsageError(
                    "it is not clear who is meant",
                    f"see their keys: servanda request find {first} --json; then choose: "
                    f"servanda request choose {first} COLLECTION=KEY",
                )
            if not yes:
                typer.confirm("Do this now?", abort=True)
            with working("Acting …", as_json):
                done = requests.act(opened, plan, actor, by=by)
    if as_json:
        show_json(_data(done))
    else:
        _tell(done)
    return _exit(done)


def _exit(done: Worked) -> int:
    if any(each.state == "failed" for each in done.acted.stores):
        return Exit.BROKEN
    if not done.acted.complete:
        return Exit.UNREACHABLE
    return Exit.BROKEN if done.scan is not None and done.scan.found else Exit.OK


def _tell(done: Worked) -> None:
    for store in done.acted.stores:
        why = f": {store.why}" if store.why else ""
        say(f"{store.store}: {store.state}, {counted(store.count, 'record')}{why}")
    if not done.acted.complete:
        say("what is outstanding is done by the next scheduled run, or by this command again")
    if done.acted.suspended:
        refs = ", ".join(sorted(done.acted.suspended))
        say(f"a legal hold keeps something of request {refs}; it is done once that is released")
    if done.scan is None:
        return
    for trace in done.scan.traces:
        if trace.found or trace.beside:
            where = f"{counted(trace.found + trace.beside, 'place')} in {trace.collection}"
            say(f"{where} may still tell who it was, and nothing says why: look there")
        for place, until in trace.statements:
            say(f"{trace.collection}: {place}, until {until}")
    for name in done.scan.unseen:
        say(f"store {name} could not be searched for traces")
    if done.scan.clean:
        say("no trace is left in any declared text, but for what is told above")


def _data(done: Worked) -> dict[str, Any]:
    acted, found = done.acted, done.scan
    return {
        "requests": list(acted.refs),
        "run": acted.run,
        "plan": done.plan.digest,
        "complete": acted.complete,
        "suspended": sorted(acted.suspended),
        "stores": [
            {
                "store": each.store,
                "state": each.state,
                "why": each.why,
                "left": each.left,
                "done": [
                    {"request": ref, "collection": id_, "action": deed, "count": count}
                    for (ref, id_, deed), count in each.done.items()
                ],
            }
            for each in acted.stores
        ],
        "kept": [
            {
                "request": each.ref,
                "collection": each.collection,
                "reason": each.reason,
                "count": len(each.keys),
                "until": each.until.isoformat() if each.until else None,
                "ground": each.ground,
                "fields": list(each.fields),
            }
            for each in done.plan.kept
        ],
        "traces": None
        if found is None
        else [
            {
                "collection": each.collection,
                "found": each.found,
                "beside": each.beside,
                "kept": each.kept,
                "until": [list(pair) for pair in each.statements],
            }
            for each in found.traces
        ],
        "not_searched": [] if found is None else list(found.unseen),
    }
