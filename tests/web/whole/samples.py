"""One address, and whose browser, for everything that can be looked at. A page that is added and
stands here nowhere fails `missing`, so it cannot be forgotten.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from django.urls import Resolver404, resolve, reverse

from servanda.desk.consents import Act, links, person, record
from servanda.runtime import bundles, plans, replies
from servanda.state.models import Checkpoint, Customer, Run, SettingsVersion
from servanda.web.accounts.urls import shut
from tests.web.pages import addresses
from tests.web.whole.browsers import Browsers
from tests.web.whole.filled import Filled
from tests.web.whole.passkey import passkey

ELSEWHERE = {
    "openid_connect_callback": "leads back from a provider: tests/web/accounts/test_oidc.py",
    "mfa_login_webauthn": "JSON for the browser's key: tests/web/accounts/test_factors.py",
    "accounts/oidc/<str:provider_id>/login/": "a sample, under django-allauth's name for it",
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": "a sample, under django-allauth's name for it",
    "enquiry-ticket": "JSON for the company's site: tests/web/enquiry/test_form.py",
    "health": "JSON for whoever watches the server: tests/web/api/",
    "consent-choice": "takes what a banner sends: tests/web/consent/test_choice.py",
    "home": "leads on to the console or the portal: tests/web/test_browser_flows.py",
    "accounts/^3rdparty/(?:signup/)?$": "shut",
    "recordings_play": "the same view as request_play, which is a sample",
    "session_end": "only answers a form, and leads strangers to the sign-in",
    "openid_connect_login": "only where it is set up: tests/web/accounts/test_oidc.py",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """`who`: in `Browsers.by`. `kind`: a page, a piece of one, or a file."""

    name: str
    path: str
    who: str = "owner"
    kind: str = "page"
    tag: str = ""
    status: int = 200

    def expects(self, complaint: str) -> bool:
        """Whether the browser has to complain: it does where a page answers with an error."""
        return self.status != 200 and f"status of {self.status}" in complaint

    @property
    def shot(self) -> str:
        """What its picture is called."""
        return "--".join(filter(None, (self.name.replace("_", "-"), self.tag)))


def missing(samples: list[Sample]) -> list[str]:
    """Addresses that answer GET and that nobody looks at."""
    known = {each.name for each in samples} | ELSEWHERE.keys()
    found = []
    for each in addresses():
        name = each.name or each.route
        if each.path.startswith("/v1/") or name in known or _shut(each.path):
            continue
        if not _only_forms(each.view):
            found.append(name)
    return sorted(set(found))


def _shut(path: str) -> bool:
    """Whether django-allauth has it and we do not offer it."""
    try:
        return resolve(path).func is shut
    except Resolver404:
        return False


def _only_forms(view: object) -> bool:
    """Whether a view of ours refuses GET before anything else."""
    from django.http import HttpRequest

    if not str(getattr(view, "__module__", "")).startswith("servanda."):
        return False
    request = HttpRequest()
    request.method = "GET"
    try:
        return bool(view(request).status_code == 405)  # type: ignore[operator]
    except Exception:
        return False  # it wanted more than the method: it looks at GET


def samples(filled: Filled, known: Browsers) -> list[Sample]:
    return [
        *_accounts(filled, known),
        *_lists(),
        *_evidence(filled),
        *_work(filled),
        *_requests(filled, known),
        *_portal(known),
        *_consents(filled),
    ]


def _at(name: str, *args: object, who: str = "owner", kind: str = "page", tag: str = "") -> Sample:
    return Sample(name, reverse(name, args=args), who, kind, tag)


def _lists() -> list[Sample]:
    """Of the console, what needs no number."""
    plain = (
        *("console", "board", "map", "access-log", "enquiries", "evidence", "evidence-checkpoints"),
        *(
            "consents",
            "forecast",
            "holds",
            "incidents",
            "incident-new",
            "mail",
            "me",
            "people",
            "plans",
            "runs",
        ),
        *("settings", "stores", "requests", "tokens"),
    )
    scoped = ("arrivals", "request_new", "callers", "contacts", "hold-add", "recordings")
    pieces = ("forecast-waiting", "plans-making", "stores-look")
    return [
        *(_at(name) for name in plain),
        _at("people", who="auditor", tag="auditor"),
        *(_at(name, who="privacy_lead") for name in scoped),
        *(_at(name, kind="piece") for name in pieces),
        Sample("purpose", f"{reverse('purpose')}?scope=callers&next=/console/callers/"),
        _at("access-log-csv", kind="file"),
        _at("own", who="customer"),
        Sample("holds", f"{reverse('holds')}?show=released", tag="released"),
        Sample("incidents", f"{reverse('incidents')}?show=closed", tag="closed"),
        Sample("enquiries", f"{reverse('enquiries')}?closed=1", tag="closed"),
    ]


def _evidence(filled: Filled) -> list[Sample]:
    sizes = list(Checkpoint.objects.order_by("size").values_list("size", flat=True))
    version = SettingsVersion.objects.filter(file="policy.yaml").order_by("-id")[0]
    made = next((filled.site.folder / bundles.FOLDER).glob("*.zip"))
    return [
        _at("evidence-entry", 2),
        _at("evidence-proof", 2, kind="file"),
        _at("evidence-note", sizes[0], kind="file"),
        _at("evidence-consistency", sizes[0], sizes[-1], kind="file"),
        _at("evidence-key", kind="file"),
        _at("evidence-job", "verify", kind="piece"),
        _at("evidence-bundle-file", made.name, kind="file"),
        _at("settings-file", "policy.yaml", tag="policy"),
        _at("settings-file", "stores.yaml", tag="stores"),
        _at("settings-edit", "policy.yaml"),
        _at("settings-versions", "policy.yaml"),
        _at("settings-version", "policy.yaml", version.digest),
        _at("store", "crm"),
    ]


def _work(filled: Filled) -> list[Sample]:
    waiting, ran = plans.newest(filled.site, 2)
    run = Run.objects.filter(plan_digest=ran.digest).get()
    customer = Customer.objects.get(tenant="acme")
    own, lead = filled.ids, "privacy_lead"
    filled.reads(filled.lead, "callers", "contacts", "holds", "recordings", "requests", "arrivals")
    filled.reads(filled.lead, f"customer:{customer.pk}")
    return [
        _at("plan", waiting.digest, tag="waiting"),
        _at("plan", ran.digest, tag="ran"),
        _at("plan-progress", ran.digest, kind="piece"),
        _at("run", run.id),
        _at("incident", own["incident"]),
        _at("incident", own["closed incident"], tag="closed"),
        _at("hold", own["hold"], who=lead),
        _at("hold", own["released hold"], who=lead, tag="released"),
        _at("enquiry-one", own["enquiry"], who=lead),
        _at("caller", customer.pk, who=lead),
        _at("caller_data", customer.pk, who=lead),
        _at("contacts_of", customer.pk, who=lead),
        _at("person", filled.lead.pk),
    ]


def _requests(filled: Filled, known: Browsers) -> list[Sample]:
    """Of the first of each state; and of the one that is answered."""
    states = ("waits", "new", "decided", "objection", "answer", "withdrawn")
    lead, refs = "privacy_lead", dict(zip(states, filled.refs, strict=False))
    waits, decided, done = refs["waits"], refs["decided"], known.answered
    tree = reverse("request_tree", args=[decided])
    branch = _first(known, tree, rf'"{tree}([0-9a-f]{{16}})/"')
    tape = next(
        each
        for each in re.findall(rf'"{tree}([0-9a-f]{{16}})/"', _page(known, tree))
        if "<audio" in _page(known, f"{tree}{each}/")
    )
    sound = unescape(_first(known, f"{tree}{tape}/", r'<audio [^>]*src="([^"]+)"'))
    file = replies.files(filled.site, done)[0]
    return [
        *(_at("request", ref, who=lead, tag=state) for state, ref in refs.items()),
        _at("request", done, who=lead, tag="done"),
        _at("request_edit", waits, who=lead),
        _at("request_tree", decided, who=lead),
        _at("request_records", decided, branch, who=lead),
        _at("request_records", decided, tape, who=lead, tag="tapes"),
        Sample("request_play", sound, lead, "file"),
        _at("request_decide", refs["objection"], who=lead),
        _at("request_act", decided, who=lead),
        _at("request_progress", decided, who=lead, kind="piece"),
        _at("request_answer", refs["answer"], who=lead),
        _at("request_answer", done, who=lead, tag="done"),
        _at("request_file", done, file, who=lead, kind="file"),
        _at("request_package", done, who=lead, kind="file"),
    ]


def _page(known: Browsers, path: str) -> str:
    answer = known.by["privacy_lead"].get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.headers.get("Location"))
    return str(answer.content.decode())


def _first(known: Browsers, path: str, pattern: str) -> str:
    found = re.search(pattern, _page(known, path))
    assert found, path
    return found[1]


def _portal(known: Browsers) -> list[Sample]:
    plain = (
        *("portal", "portal-request", "portal-contact", "portal-policy", "portal-versions"),
        *("portal-board", "enquiry", "enquiry-embed", "enquiry-done"),
    )
    files = ("portal-board-data", "portal-key", "portal-checkpoint")
    asking = ("relation", "right", "who", "place", "text")
    steps = [
        *((step, "asking") for step in asking),
        *(("corrections", "correcting"), ("purpose", "objecting"), ("own", "another")),
    ]
    asked = ("portal-letters", "portal-cancel", "portal-details")
    return [
        *(_at(name, who="stranger") for name in plain),
        *(_at(name, who="stranger", kind="file") for name in files),
        *(_at("portal-step", step, who=who, tag=step) for step, who in steps),
        _at("portal-verify", who="asking"),
        _at("portal-review", who="looking"),
        _at("portal-confirm", known.confirm, who="stranger"),
        _at("portal-follow", known.follow, who="stranger"),
        _at("portal-follow", known.asked, who="asked", tag="asked"),
        _at("portal-again", known.follow, who="stranger"),
        _at("portal-package", known.follow, who="fetching"),
        *(_at(name, known.asked, who="asked") for name in asked),
        _at("portal-contact-code", who="mailed"),
        _at("portal-contact-edit", who="own"),
        _at("portal-contact-new", who="moved"),
    ]


def _consents(filled: Filled) -> list[Sample]:
    """Somebody who said no by telephone."""
    book, email = filled.site.desk.book, "gia@example.test"
    purpose = book.policy.activities[0].purposes[0]
    made = record(book, Act(person(("email", email)), {purpose: {"": False}}, "phone"))
    mark = book.mark("email", email)
    filled.reads(filled.lead, "consents")
    own = book.settings.address
    return [
        _at("consent", who="stranger"),
        _at("consent-person", who="privacy_lead"),
        _at("consent-receipt", made.id, who="stranger"),
        _at("consent-receipt-file", made.id, who="stranger", kind="file"),
        Sample("consent-preferences", links.preferences(book, mark).removeprefix(own), "stranger"),
        Sample("consent-unsubscribe", links.unsubscribe(book, mark).removeprefix(own), "stranger"),
    ]


def _accounts(filled: Filled, known: Browsers) -> list[Sample]:
    owner = filled.members["owner"]
    strange = (
        *("account_login", "account_inactive", "account_reset_password"),
        *("account_reset_password_done", "account_reset_password_from_key_done"),
        "socialaccount_login_cancelled",
    )
    mine = (
        *("account_logout", "account_change_password", "mfa_index"),
        *("mfa_reauthenticate", "mfa_deactivate_totp", "mfa_view_recovery_codes"),
        *("mfa_generate_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn"),
        *("mfa_reauthenticate_webauthn", "usersessions_list"),
    )
    key = passkey(owner)
    forgotten = reverse("account_reset_password_from_key", args=filled.forgotten(owner))
    return [
        *(_at(name, who="stranger") for name in strange),
        *(_at(name) for name in mine),
        Sample(
            "socialaccount_login_error",
            reverse("socialaccount_login_error"),
            who="stranger",
            status=401,
        ),
        Sample("account_reset_password_from_key", forgotten, "stranger"),
        _at("join", known.join, who="stranger"),
        _at("second_factor_setup", who="newcomer"),
        _at("account_reauthenticate", who="newcomer"),
        _at("mfa_activate_totp", who="newcomer"),
        _at("mfa_authenticate", who="halfway"),
        _at("mfa_remove_webauthn", key),
        _at("mfa_edit_webauthn", key),
        _at("mfa_download_recovery_codes", kind="file"),
    ]
