"""`servanda request`: what a person asks for, from its arrival to its end. One file a command."""

from __future__ import annotations

import typer

from servanda.cli.commands.request import (
    act,
    arrivals,
    choose,
    decide,
    edit,
    end,
    event,
    find,
    intake,
    letter,
    lift,
    list_,
    mail,
    new,
    reply,
    route,
    show,
    suppressed,
    verify,
)

app = typer.Typer(
    help="Requests of people: take in, verify, decide, answer in time.", no_args_is_help=True
)
app.command("new")(new.new)
app.command("intake")(intake.intake)
app.command("arrivals")(arrivals.arrivals)
app.command("list")(list_.list_)
app.command("show")(show.show)
app.command("verify")(verify.verify)
app.command("event")(event.event)
app.command("edit")(edit.edit)
app.command("choose")(choose.choose)
app.command("route")(route.route)
app.command("find")(find.find)
app.command("decide")(decide.decide)
app.command("act")(act.act)
app.command("letter")(letter.letter)
app.command("reply")(reply.reply)
app.command("suppressed")(suppressed.suppressed)
app.command("lift")(lift.lift)
app.command("mail")(mail.mail)
app.command("close")(end.close)
app.command("cancel")(end.cancel)
