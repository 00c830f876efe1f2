"""Random ledgers of every kind that is judged, and the plain reading of one: up to a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from servanda.status import Verdict
from servanda.status.chronicle import Chronicle
from servanda.status.verdict import worst
from tests.status.entries import CENSUSES, PUBLIC, promise

START = datetime(2026, 3, 1, 2, tzinfo=UTC)
CONTROLS = (
    "activities.calls.retain",
    "activities.guests.retain",
    "inventory.declared",
    "policy.basis",
    "evidence.ledger",
    "rights.access",
    "rights.complaint",
    "requests.refusals",
    "requests.complaints",
    "requests.children",
    "requests.routing",
    "requests.replay",
    "access.second-factor",
    "access.roles",
    "access.purpose",
    "access.recordings",
    "callers.verified",
    "enquiries.erased",
    "portal.corrections",
    "incidents.register",
    *PUBLIC,
    "moon.phase",
)
Ledger = list[tuple[int, dict[str, Any]]]


def verdicts(entries: Ledger, as_of: datetime) -> dict[str, Verdict]:
    """Judged by what the ledger says up to then, without any look at what was before."""
    found = Chronicle()
    for index, entry in entries:
        if datetime.fromisoformat(entry["at"]) <= as_of:
            found.add(index, entry)
    policy = found.evidence.policy
    return {
        each["id"]: Verdict.PLANNED
        if each["planned"]
        else worst(c for control in each["kept_by"] for c in found.check(control, as_of))
        for each in (policy.entry["promises"] if policy else ())
    }


_REF = st.sampled_from(["1", "2", "3"])
_NAME = st.sampled_from(["pbx.cdr", "recordings.wav", "hotel.guests"])
_STORE = st.sampled_from(["pbx", "recordings", "hotel"])
_FEW = st.sampled_from([0, 0, 0, 1])


def _of(kind: str, **body: Any) -> st.SearchStrategy[dict[str, Any]]:
    known = {k: v if isinstance(v, st.SearchStrategy) else st.just(v) for k, v in body.items()}
    return st.fixed_dictionaries({"kind": st.just(kind), **known})


_DUE = st.integers(0, 12).map(lambda n: (START + timedelta(days=n)).date().isoformat())
_SAYS = st.sampled_from([["complaint"], ["reasons"], None])
_EACH = [promise(f"P-{n}", control) for n, control in enumerate(CONTROLS)]
_MIXED = st.tuples(st.sampled_from(CONTROLS), st.sampled_from(CONTROLS)).map(
    lambda pair: promise("M-1", *pair)
)
# Mostly one promise for each control, so that no other control hides what becomes of it.
_PROMISES = st.one_of(
    _MIXED.map(lambda mixed: [*_EACH, mixed]),
    _MIXED.map(lambda mixed: [mixed, *_EACH, promise("L-1", planned=True)]),
    st.lists(st.sampled_from(_EACH), unique_by=lambda each: each["id"]),
)
_COLLECTIONS = st.sampled_from(
    [
        {"calls": ["pbx.cdr", "recordings.wav"], "guests": ["hotel.guests"]},
        {"calls": ["pbx.cdr"]},
        {},
    ]
)
POLICY = _of(
    "policy",
    organisation="Sample",
    heartbeat_s=st.sampled_from([86_400, 2 * 86_400, 5 * 86_400]),
    zone=st.sampled_from(["UTC", "Africa/Nairobi"]),
    promises=_PROMISES,
    collections=_COLLECTIONS,
    stores=st.sampled_from([["pbx", "recordings"], ["hotel"], []]),
)
_REPORT = st.fixed_dictionaries(
    {},
    optional={
        "undeclared": st.just(["pbx.cdr.note"]),
        "missing": st.just(["pbx.cdr"]),
        "drifted": st.just(["hotel.guests"]),
        "unreachable": st.booleans(),
    },
)
_READ = st.sampled_from(["request", "recording 1", "customer shown to caller"])
_ENTRY = st.one_of(
    POLICY,
    _of("inventory", stores=st.dictionaries(_STORE, _REPORT)),
    _of("recount", collection=_NAME, overdue=_FEW, suspended=_FEW, total=3, unstarted=_FEW),
    _of("recount", collection=_NAME, overdue=0, suspended=0, total=3, unstarted=0),
    _of("residue", collection=_NAME, found=_FEW),
    _of("run.ended", unreachable=st.lists(_STORE, max_size=1)),
    _of("census", unreachable=st.lists(_STORE, max_size=1)),
    _of(
        "request.received",
        request=_REF,
        due=st.none() | _DUE,
        right=st.sampled_from(["access", "erasure", "complaint"]),
        tenant=st.sampled_from([None, "acme"]),
        because=st.sampled_from(["", "under 18"]),
    ),
    _of(
        "request.event",
        request=_REF,
        event=st.sampled_from(["extended", "instructed", "acknowledged"]),
        due=_DUE,
    ),
    _of(
        "request.decided",
        request=_REF,
        decision=st.sampled_from(["grant", "refuse"]),
        grounds=st.sampled_from([[], ["exempt"]]),
    ),
    _of("request.routed", request=_REF),
    _of("request.acted", requests=st.lists(_REF), complete=st.booleans()),
    _of("request.replied", request=_REF, says=_SAYS, finished=st.booleans()),
    _of("request.closed", request=_REF),
    _of(
        "requests.census",
        restored=st.dictionaries(_STORE, st.just((START + timedelta(days=2)).isoformat())),
    ),
    _of("replay", stores=st.lists(_STORE), found=1, left=_FEW, doubtful=_FEW, unreachable=[]),
    _of(
        "access.census",
        roles=st.sampled_from([{"owner": 1}, {"owner": 1, "king": 1}, {"support": 2}, {}]),
        without_second_factor=_FEW,
        without_purpose=_FEW,
        reads=1,
        refused=0,
    ),
    _of(
        "access.read",
        by=_REF,
        role=st.sampled_from(["owner", "support"]),
        purpose=st.sampled_from([None, "rights", "rights"]),
        task=st.sampled_from([None, "t", "t"]),
        scope=st.sampled_from(["customer:1", "customer:2"]),
        what=_READ,
    ),
    _of("access.refused", by=_REF),
    _of(
        "caller.checked",
        by=_REF,
        customer=_REF,
        outcome=st.sampled_from(["verified", "verified", "refused"]),
    ),
    _of("enquiry.closed", enquiry=_REF, left=_FEW),
    _of("incident.opened", incident=_REF),
    _of("incidents.census", open=1, unanswered=_FEW),
    _of(
        "portal.census",
        up=st.sampled_from([["portal", "corrections", "enquiries"], ["portal"]]),
        corrections=2,
    ),
)
_PUBLIC = st.one_of(
    _of(
        "publish.census",
        edition=st.sampled_from([None, 3]),
        digest=st.sampled_from(["a", "b"]),
        in_force="a",
        editions=st.sampled_from([0, 3]),
        damaged=_FEW,
        untold=_FEW,
        review_due=st.none() | _DUE,
        reviewed=st.none() | _DUE,
        officer=st.booleans(),
        missing=st.sampled_from([{}, {"GB": []}, {"GB": ["n.rights"]}]),
        standards=st.sampled_from([{}, {"JM": {"1": ["A"]}}, {"JM": {"1": []}}]),
        served=st.booleans(),
        acceptance=st.booleans(),
        bound_without=_FEW,
    ),
    _of(
        "consent.census",
        records=1,
        people=1,
        asked=1,
        yes=1,
        no={},
        up=st.sampled_from(
            [["banner"], ["banner", "choice", "preferences", "unsubscribe", "gate"]]
        ),
        late=_FEW,
        sites=st.dictionaries(
            st.sampled_from(["a", "b"]),
            st.fixed_dictionaries(
                {"reached": st.booleans(), "tag": st.booleans()},
                optional={"ungated": st.just(["x.test"])},
            ),
        ),
    ),
    _of(
        "intake.census",
        serves=st.booleans(),
        forms=st.sampled_from([{}, {"contact": {"taken": 1, "refused": {"card": 1}}}]),
        unsourced=_FEW,
        children=_FEW,
    ),
)
_GAP = st.sampled_from([0, 0, 1, 1_800, 1_800, 3_600, 9 * 3_600, 86_400, 3 * 86_400])

# A day on which all is well: whatever goes wrong after it changes a verdict.
_WELL: dict[str, Any] = {"overdue": 0, "suspended": 0, "total": 3, "unstarted": 0}
_GOOD: list[dict[str, Any]] = [
    {"kind": "inventory", "stores": {"pbx": {}, "recordings": {}, "hotel": {}}},
    {"kind": "recount", "collection": "pbx.cdr", **_WELL},
    {"kind": "recount", "collection": "recordings.wav", **_WELL},
    {"kind": "recount", "collection": "hotel.guests", **_WELL},
    {"kind": "requests.census", "restored": {}},
    {
        "kind": "access.census",
        "roles": {"owner": 1},
        "without_second_factor": 0,
        "without_purpose": 0,
    },
    {"kind": "caller.checked", "by": "1", "customer": "1", "outcome": "verified"},
    {"kind": "portal.census", "up": ["portal", "corrections", "enquiries"]},
    {"kind": "incidents.census", "open": 0, "unanswered": 0},
    *({"kind": kind, **body} for kind, body in CENSUSES.items()),
]
_PORTION = st.one_of(
    st.just(_GOOD),
    (_ENTRY | _PUBLIC).map(lambda entry: [entry]),
    (_ENTRY | _PUBLIC).map(lambda entry: [*_GOOD, entry]),
)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Entries of all kinds at random moments, some at the same; a policy is among the first."""
    least = draw(st.sampled_from([0, 15]))
    portions = draw(st.lists(_PORTION, min_size=least, max_size=30))
    moment, made = START, list[tuple[int, dict[str, Any]]]()
    for portion in ([draw(POLICY)], *portions):
        for entry in portion:
            made.append((len(made), {**entry, "at": moment.isoformat()}))
        moment += timedelta(seconds=draw(_GAP))
    return made
