"""What Servanda itself keeps, table by table: it is an inventory's business as anything else is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from servanda.policy.vocabulary import terms


@dataclass(frozen=True, slots=True)
class Own:
    """`data`: categories of personal data; none where there are none. `kept`: in words."""

    holds: str
    data: tuple[str, ...] = ()
    kept: str = "as long as the workspace"
    protected: str = "nothing personal in it"


_SEALED = "sealed with AES-256-GCM under a key of each person"
_CLOSED = "[requests] keep after the request is closed; then its key is destroyed"
_MARKS = "keyed hashes (HMAC-SHA256), of no use without the workspace's key"
_EVIDENCE = "[evidence] keep after the run; then its key is destroyed"

_AGREED = "[consent] keep after the last choice, unless consent is in force; then its key goes"
_CONTACT = "until taken off the list; then its key is destroyed"

TABLES: Mapping[str, Own] = {
    "CallerCheck": Own("that callers were checked, how, and with what outcome; contacts by number"),
    "CallerCode": Own("hashes of codes sent to contacts", (), _CONTACT, _MARKS),
    "ConsentCount": Own("how often the use gate answered what"),
    "ConsentMark": Own(
        "marks by which consents are found, and what holds now",
        ("account.identifier",),
        _AGREED,
        _MARKS,
    ),
    "ConsentRecord": Own(
        "who agreed to what: choices under a random name; a note on how, sealed",
        ("account.identifier",),
        _AGREED,
        "notes are sealed with AES-256-GCM under a key of each person",
    ),
    "ConsentSubject": Own(
        "whose choices are kept", ("contact.email", "contact.phone"), _AGREED, _SEALED
    ),
    "Contact": Own(
        "who may speak for a customer",
        ("name", "contact"),
        _CONTACT,
        "sealed with AES-256-GCM under a key of each contact; codewords as scrypt hashes",
    ),
    "ContactMark": Own("marks by which a contact is found", ("contact",), _CONTACT, _MARKS),
    "Customer": Own("names of the companies we work for"),
    "Invitation": Own(
        "who was invited to an account",
        ("name", "contact.email"),
        "until used, or expired",
        "staff only; the link's secret is hashed",
    ),
    "Job": Own("work that was asked for; names plans and requests by number"),
    "Read": Own("who read what, and for what purpose; members and scopes by number"),
    "Task": Own("purposes that were stated before reading"),
    "Answered": Own(
        "answers of the API that may be asked for again",
        ("name", "contact"),
        "a day",
        "sealed with AES-256-GCM under the workspace's key",
    ),
    "Token": Own("programs' keys, hashed"),
    "Webhook": Own("where evidence is told", protected="the secret is sealed"),
    "Approval": Own("who approved a plan", ("name",), protected="names of staff"),
    "Challenge": Own("hashes of one-time codes", (), _CLOSED, _MARKS),
    "Checkpoint": Own("signed roots of the evidence"),
    "Commitments": Own(
        "salted hashes of the records a request touched", (), _EVIDENCE, "opaque without the salt"
    ),
    "Erased": Own(
        "keyed hashes of erased records, so that a restored backup is put right",
        ("account.identifier",),
        "as long as a backup of that age may be restored",
        _MARKS,
    ),
    "Evidence": Own("which documents were looked at", ("id.document",), _CLOSED, _SEALED),
    "EvidenceKey": Own("keys that seal manifests", (), _EVIDENCE, "wrapped by the workspace's key"),
    "Fact": Own("facts about the workspace"),
    "Hold": Own(
        "whose data is held or restricted, and why",
        ("contact", "account.identifier"),
        "as long as the workspace",
        "sealed with AES-256-GCM under the workspace's key",
    ),
    "HoldsVersion": Own("a number that changes with every hold"),
    "Incident": Own(
        "incidents and their dates; the summary may come to name people",
        ("name",),
        "as long as the workspace",
        "sealed with AES-256-GCM under the workspace's key",
    ),
    "IncidentEvent": Own(
        "what was done about incidents",
        ("name",),
        "as long as the workspace",
        "sealed with AES-256-GCM under the workspace's key",
    ),
    "IntakeConsent": Own("consents that came through the intake gate, by number"),
    "IntakeCount": Own("how much each form took and refused on a day"),
    "KeyRoot": Own("keys of marks and pseudonyms", protected="wrapped by the workspace's key"),
    "KeyState": Own("which master key is in force, by a fingerprint"),
    "Leaf": Own("the evidence itself: commitments, no identities", protected="no personal data"),
    "Letter": Own("letters to people", ("name", "contact"), _CLOSED, _SEALED),
    "MailArrival": Own(
        "mails that may be requests",
        ("name", "contact", "comms.email_content"),
        "until the sender confirms, or [requests] confirm_days; then its key is destroyed",
        "sealed with AES-256-GCM under a key of each mail",
    ),
    "MadePlan": Own("who made a plan", ("name",), protected="names of staff"),
    "Manifest": Own(
        "keys of the records that were erased", ("account.identifier",), _EVIDENCE, "sealed"
    ),
    "Node": Own("the evidence's tree"),
    "OutboxMail": Own(
        "mails on their way",
        ("name", "contact"),
        "of requests: " + _CLOSED + "; any other until it is sent, or [mail] keep_days",
        _SEALED + ", or of the mail",
    ),
    "Person": Own("a random name and a wrapped key for each person", (), _CLOSED),
    "PersonMark": Own(
        "marks by which a person is found again", ("account.identifier",), _CLOSED, _MARKS
    ),
    "PortalCode": Own("hashes of codes that were mailed", (), "one day", _MARKS),
    "PortalDraft": Own(
        "requests that people are about to make",
        ("name", "contact", "account.identifier"),
        "one hour",
        "sealed with AES-256-GCM under a key that only the person's browser can make",
    ),
    "PortalLink": Own("links by which people follow their requests", (), _CLOSED, _SEALED),
    "PortalParcel": Own("packages that wait to be fetched, and passphrases", (), _CLOSED, _SEALED),
    "Request": Own("requests", ("name", "contact", "account.identifier"), _CLOSED, _SEALED),
    "RequestEvent": Own("what happened to requests", ("name",), _CLOSED, _SEALED),
    "RequestPart": Own("what is done for requests in each store"),
    "RequestRun": Own(
        "the plans by which requests are acted on",
        ("account.identifier",),
        "until every store has done its part",
        "sealed under the run's evidence key",
    ),
    "RequestRunOf": Own("which requests a run acts on"),
    "SettingsVersion": Own(
        "every version of policy.yaml and stores.yaml; members by number, no passwords"
    ),
    "Run": Own("runs, their plans, and who began them", ("name",), protected="names of staff"),
    "StepRun": Own("steps of runs"),
    "Suppression": Own(
        "who objected or withdrew consent",
        ("account.identifier",),
        "as long as the workspace",
        _MARKS,
    ),
    "Edition": Own("versions of the policy that were published; members by number"),
    "EditionFile": Own("published versions, as people read them"),
    "ChangeNotice": Own("by which ways changes of the policy were told, and to how many"),
    "ChangeMail": Own(
        "keyed hashes of addresses that were told of a change",
        (),
        "as long as the workspace",
        _MARKS,
    ),
    "RecipientProposal": Own("recipients of data, and from when they may get any"),
    "RecipientObjection": Own(
        "which customers object to a recipient, and why",
        ("name",),
        "as long as the workspace",
        "sealed with AES-256-GCM under the workspace's key",
    ),
    "Tree": Own("how far the evidence has come"),
    "Window": Own("pieces of a run's work"),
}


_LEFT = "until a year after they left; then they are overwritten"
_WITH_ACCOUNT = "until the account is removed"
_STAFF = "members with the right to see people and roles; the member"

WEB_TABLES: Mapping[str, Own] = {
    "Member": Own(
        "who may sign in to the console, and whom their number stands for in evidence",
        ("name", "contact.email_work", "account.password"),
        f"{_LEFT}; the password goes at once",
        f"{_STAFF}; passwords as scrypt hashes",
    ),
    "EmailAddress": Own(
        "that a member's address is proven, to sign in by it",
        ("contact.email_work",),
        _WITH_ACCOUNT,
        _STAFF,
    ),
    "EmailConfirmation": Own("addresses to be proven; nothing is put there", protected="empty"),
    "Authenticator": Own(
        "second factors: apps, passkeys, recovery codes",
        ("account.mfa",),
        f"{_WITH_ACCOUNT}, or the factor is reset",
        "secrets sealed with AES-256-GCM under the workspace's key; of passkeys public keys alone",
    ),
    "Session": Own(
        "browsers that are signed in",
        ("account.auth_log", "contact.email_work"),
        "until signed out, or twelve hours; swept every five minutes",
        "nobody is shown them; of no use without the browser's cookie",
    ),
    "UserSession": Own(
        "from where members are signed in, so that they can end what is not theirs",
        ("device.ip", "device.user_agent", "account.auth_log"),
        "as long as the session",
        _STAFF,
    ),
    "SocialAccount": Own(
        "which account of your own sign-in is a member's, and what it told of them",
        ("name", "contact.email_work", "account.identifier"),
        _WITH_ACCOUNT,
        _STAFF,
    ),
    "SocialApp": Own("your own sign-in; it is set in servanda.toml", protected="empty"),
    "SocialToken": Own("tokens of your own sign-in; none is kept", protected="empty"),
    "servanda_web_cache": Own(
        "how often somebody tried, to lock out whoever guesses",
        ("device.ip",),
        "as long as it counts, a quarter of an hour mostly; swept every hour",
        "counts alone; accounts as hashes",
    ),
    "Enquiry": Own(
        "what visitors of your website asked, in a database of its own",
        ("name", "contact", "comms.enquiry"),
        "as policy.yaml says of it, for it is a store (pack `servanda-enquiries`)",
        "staff only, for a stated purpose",
    ),
    "Permission": Own("of Django; nothing uses it"),
    "Group": Own("of Django; nothing uses it"),
    "Group_permissions": Own("of Django; nothing uses it"),
    "ContentType": Own("of Django: the names of tables"),
}
"""Of the console and the portal, where they are served."""


def data() -> dict[str, dict[str, Any]]:
    """Every table, for programs."""
    return {name: {**asdict(own), "data": list(own.data)} for name, own in _every().items()}


def lines() -> list[str]:
    """The tables that hold anything of people, for people."""
    return [_line(own) for own in _every().values() if own.data]


def _line(own: Own) -> str:
    known = terms("data")
    what = ", ".join(known[each].label if each in known else each for each in own.data)
    return f"{own.holds[:1].upper()}{own.holds[1:]} ({what}); kept {own.kept}; {own.protected}"


def _every() -> Mapping[str, Own]:
    return {**TABLES, **WEB_TABLES}
