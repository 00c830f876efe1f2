"""`servanda`: one command, one workspace. Errors are said once, here, without a traceback.

Commands live in `cli.commands`, one file each, and import what is heavy only when they run.
"""

from __future__ import annotations

import sys

import typer

from servanda.cli.commands import (
    apply,
    approve,
    backup,
    banner,
    check,
    clock,
    consent,
    demo,
    editions,
    evidence,
    explain,
    find,
    hold,
    init,
    intake,
    inventory,
    invite,
    keys,
    mail,
    plan,
    publish,
    replay,
    request,
    run,
    schema,
    serve,
    status,
    verify,
)
from servanda.cli.output import complain
from servanda.kernel.errors import Exit, ServandaError

STOPPED = 130  # what typer makes of Ctrl-C

app = typer.Typer(
    name="servanda",
    help="Makes your privacy policy true in the systems where the data lies, and proves it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("init")(init.init)
app.command("check")(check.check)
app.add_typer(intake.app, name="intake")
app.command("inventory")(inventory.inventory)
app.command("plan")(plan.plan)
app.command("explain")(explain.explain)
app.command("approve")(approve.approve)
app.command("apply")(apply.apply)
app.command("status")(status.status)
app.command("verify")(verify.verify)
app.command("run")(run.run)
app.command("serve")(serve.serve)
app.command("invite")(invite.invite)
app.command("find")(find.find)
app.command("replay")(replay.replay)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("clock")(clock.clock)
app.command("publish")(publish.publish)
app.command("schema")(schema.schema)
app.add_typer(hold.app, name="hold")
app.add_typer(consent.app, name="consent")
app.add_typer(request.app, name="request")
app.add_typer(mail.app, name="mail")
app.add_typer(evidence.app, name="evidence")
app.add_typer(keys.app, name="keys")
app.add_typer(banner.app, name="banner")
app.add_typer(editions.app, name="editions")


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its code (kernel.errors.Exit)."""
    try:
        code = app(arguments, prog_name="servanda", standalone_mode=False)
    except ServandaError as error:
        complain(error)
        sys.exit(error.exit)
    except typer.Abort:
        complain("stopped; nothing more was done")
        sys.exit(STOPPED)
    except typer.TyperException as error:
        said = error.format_message()
        bare = said.lstrip().startswith("Usage:")  # a group without a command shows its help
        typer.echo(said if bare else f"servanda: {said.rstrip('.')}; see --help", err=True)
        sys.exit(Exit.USAGE)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    if code == STOPPED:
        complain("stopped; start it again and it goes on where it was")
    sys.exit(code if isinstance(code, int) else Exit.OK)
