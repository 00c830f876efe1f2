"""What each kind of entry is, as a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping

SAYS: Mapping[str, str] = {
    "policy": "The policy in force was noted",
    "plan": "A plan was made",
    "approval": "A plan was approved",
    "run.started": "A run began",
    "run.ended": "A run ended",
    "window.prepared": "A piece of a run's work was prepared",
    "window.superseded": "A piece of a run's work was prepared anew",
    "recount": "A collection was counted again",
    "residue": "Remains of what was erased were searched for",
    "census": "A scheduled sweep looked at everything",
    "inventory": "The stores were compared with what is declared",
    "hold.added": "A legal hold was set",
    "hold.released": "A legal hold was released",
    "key.destroyed": "A key was destroyed, so what it sealed is gone",
    "request.received": "A request arrived",
    "request.event": "Something happened to a request",
    "request.decided": "A request was decided",
    "request.routed": "A request was handed to the customer it is for",
    "request.prepared": "A piece of a request's work was prepared",
    "request.superseded": "A piece of a request's work was prepared anew",
    "request.acted": "A request was acted on",
    "request.replied": "A request was answered",
    "request.closed": "A request was closed",
    "requests.census": "Open requests and their dates were counted",
    "replay": "What a restored backup brought back was erased again",
    "access.task": "Somebody said why they read data of people",
    "access.read": "Data of people was read",
    "access.refused": "Reading data of people was refused",
    "access.census": "Accounts and what they read were counted",
    "caller.checked": "A caller was checked",
    "contact.changed": "A list of those who speak for a customer was changed",
    "enquiry.received": "An enquiry arrived",
    "enquiry.answered": "An enquiry was answered",
    "enquiry.closed": "An enquiry was closed and erased",
    "incident.opened": "An incident was put down",
    "incident.event": "Something was done about an incident",
    "incident.closed": "An incident was closed",
    "incidents.census": "Open incidents were counted",
    "member.invited": "A member was invited",
    "member.joined": "A member joined",
    "member.changed": "A member's account was changed",
    "member.removed": "A member was removed",
    "settings.changed": "Policy or stores were changed",
    "token.made": "A token for a program was made",
    "token.revoked": "A token was revoked",
    "webhook.added": "A webhook was added",
    "webhook.removed": "A webhook was removed",
    "mail.bounced": "A mail of ours came back",
    "arrivals.expired": "Mails that nobody confirmed were forgotten",
    "portal.census": "What the portal offers was noted",
    "keys.rotated": "The workspace got a new key",
    "state.restored": "The state was restored from a backup",
}


def says(kind: str) -> str:
    """A kind that a later version wrote is shown as it is."""
    return SAYS.get(kind, kind)
