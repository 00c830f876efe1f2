"""What the desk is told by servanda.toml. Imports nothing heavy: every command reads settings."""

from __future__ import annotations

from dataclasses import dataclass, field

from servanda.kernel.period import Period

SECURITY = ("starttls", "ssl", "none")
SCHEDULE = "the schedule"
"""Who makes and runs what nobody asked for."""


@dataclass(frozen=True, slots=True)
class RequestSettings:
    """`keep`: how long a closed request stays readable. Then its key is destroyed. `code_minutes`
    and `code_tries`: for how long, and how often, a one-time code may be tried. `package_days`:
    how long a package may be fetched, and the files of an answer lie about. `remember`: how long
    keyed hashes of the erased are kept; a backup that is older may not be restored.
    `confirm_days`: how long a mail that may be a request waits for its sender to confirm.
    `self_correction`: what people correct of their own contact data in the portal is done at once,
    without anybody deciding."""

    keep: Period = field(default_factory=lambda: Period(months=36))
    code_minutes: int = 60 * 24
    code_tries: int = 5
    package_days: int = 14
    remember: Period = field(default_factory=lambda: Period(months=36))
    confirm_days: int = 14
    self_correction: bool = False


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The server that takes our letters. Without `host`, letters are written to files instead.

    `security`: `starttls`, `ssl`, or `none` (for a server on this machine only). `ca`: file of a
    certificate authority to trust instead of the system's. `templates`: folder of our own words.
    `keep_days`: how long a mail that belongs to no request stays readable when it was not sent.

    `inbox`: the mailbox that is read for requests, `imaps://user@host/INBOX`, with its password in
    `inbox_password`. Mails that were dealt with are moved to the folder `inbox_done`.
    """

    host: str = ""
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    security: str = "starttls"
    folder: str = ".servanda/letters"
    tries: int = 8
    ca: str = ""
    templates: str = "templates/mail"
    keep_days: int = 14
    inbox: str = ""
    inbox_password: str = field(default="", repr=False)
    inbox_done: str = "Servanda"


@dataclass(frozen=True, slots=True)
class IncidentSettings:
    """`answer_hours`: how soon after it was put down somebody must look into an incident."""

    answer_hours: int = 4


@dataclass(frozen=True, slots=True)
class ConsentSettings:
    """`keep`: how long choices are kept after the last one, where no consent is in force any more.
    `choices_per_minute`: how many choices are taken from one address of the network."""

    keep: Period = field(default_factory=lambda: Period(months=36))
    choices_per_minute: int = 60


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """`address`: where people find the portal, without a slash at the end."""

    requests: RequestSettings = field(default_factory=RequestSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    address: str = ""
