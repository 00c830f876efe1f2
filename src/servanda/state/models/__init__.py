"""Every table of the state database. Needs no `setup` to be imported, only to be used."""

from servanda.state.connection import configure

# Django must stand before the first model class is made. When it is Django that imports this
# module, it already does, and this returns at once.
configure()

from servanda.state.models.access import Read, Task  # noqa: E402
from servanda.state.models.api import Answered, Token, Webhook  # noqa: E402
from servanda.state.models.consents import (  # noqa: E402
    ConsentCount,
    ConsentMark,
    ConsentRecord,
    ConsentSubject,
)
from servanda.state.models.contacts import (  # noqa: E402
    CallerCheck,
    CallerCode,
    Contact,
    ContactMark,
    Customer,
)
from servanda.state.models.editions import (  # noqa: E402
    ChangeMail,
    ChangeNotice,
    Edition,
    EditionFile,
    RecipientObjection,
    RecipientProposal,
)
from servanda.state.models.holds import Approval, Hold, HoldsVersion  # noqa: E402
from servanda.state.models.incidents import Incident, IncidentEvent  # noqa: E402
from servanda.state.models.intake import IntakeConsent, IntakeCount  # noqa: E402
from servanda.state.models.invitations import Invitation  # noqa: E402
from servanda.state.models.jobs import Job  # noqa: E402
from servanda.state.models.keys import KeyRoot, KeyState  # noqa: E402
from servanda.state.models.ledger import (  # noqa: E402
    Checkpoint,
    EvidenceKey,
    Leaf,
    Manifest,
    Node,
    Tree,
)
from servanda.state.models.mail import MailArrival, OutboxMail  # noqa: E402
from servanda.state.models.meta import Fact  # noqa: E402
from servanda.state.models.plans import MadePlan  # noqa: E402
from servanda.state.models.portal import (  # noqa: E402
    PortalCode,
    PortalDraft,
    PortalLink,
    PortalParcel,
)
from servanda.state.models.request_runs import (  # noqa: E402
    Commitments,
    Erased,
    RequestPart,
    RequestRun,
    RequestRunOf,
)
from servanda.state.models.requests import (  # noqa: E402
    Challenge,
    Evidence,
    Letter,
    Person,
    PersonMark,
    Request,
    RequestEvent,
    Suppression,
)
from servanda.state.models.runs import Run, StepRun, Window  # noqa: E402
from servanda.state.models.settings import SettingsVersion  # noqa: E402

__all__ = [
    "Answered",
    "Approval",
    "CallerCheck",
    "CallerCode",
    "Challenge",
    "ChangeMail",
    "ChangeNotice",
    "Checkpoint",
    "Commitments",
    "ConsentCount",
    "ConsentMark",
    "ConsentRecord",
    "ConsentSubject",
    "Contact",
    "ContactMark",
    "Customer",
    "Edition",
    "EditionFile",
    "Erased",
    "Evidence",
    "EvidenceKey",
    "Fact",
    "Hold",
    "HoldsVersion",
    "Incident",
    "IncidentEvent",
    "IntakeConsent",
    "IntakeCount",
    "Invitation",
    "Job",
    "KeyRoot",
    "KeyState",
    "Leaf",
    "Letter",
    "MadePlan",
    "MailArrival",
    "Manifest",
    "Node",
    "OutboxMail",
    "Person",
    "PersonMark",
    "PortalCode",
    "PortalDraft",
    "PortalLink",
    "PortalParcel",
    "Read",
    "RecipientObjection",
    "RecipientProposal",
    "Request",
    "RequestEvent",
    "RequestPart",
    "RequestRun",
    "RequestRunOf",
    "Run",
    "SettingsVersion",
    "StepRun",
    "Suppression",
    "Task",
    "Token",
    "Tree",
    "Webhook",
    "Window",
]
