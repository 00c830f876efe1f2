"""Collections that lie in mailboxes or behind a program, as a person writes them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from servanda.policy.types import Doc, Line, Once


class MailboxDoc(Doc):
    """Which mailboxes of an account belong to the collection."""

    folders: Annotated[list[Line], Once, Field(min_length=1)] = Field(
        description="Names with `/` between levels: `INBOX`; `Archive/*` is all below Archive, `*` "
        "every mailbox."
    )


class CommandDoc(Doc):
    """How the program that holds the collection is called. Never through a shell."""

    list_: Annotated[list[Line], Field(min_length=1)] = Field(
        alias="list",
        description="Arguments with which it prints every record, one JSON object a line.",
    )
    delete: list[Line] = Field(
        default_factory=list,
        description="Arguments with which it deletes. Keys come on standard input, one JSON "
        "object a line; or an argument that is a key field in braces, `{id}`, takes one a call.",
    )
    env: Annotated[list[Line], Once] = Field(
        default_factory=list,
        description="Environment variables it may see; no others are passed on.",
    )
