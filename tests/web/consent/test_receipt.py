"""A receipt that anybody can check with the public key, and nobody can change."""

from __future__ import annotations

import json
from pathlib import Path

from django.test import Client

from servanda.desk.consents import Act, history, keeping, person, record
from servanda.ledger.verify import verify_signed
from servanda.publish.consentrecord import PROFILE
from servanda.runtime import consents
from servanda.runtime.workspace import Workspace
from tests.web.consent.world import JO, KIM, agreed, mark

MANDATORY_OF_A_PROCESS = (
    "dpv:hasPurpose",
    "dpv:hasLegalBasis",
    "dpv:hasPersonalData",
    "dpv:hasStorageLocation",
    "dpv:hasStorageDuration",
    "dpv:hasJurisdiction",
    "dpv:hasRecipientThirdParty",
    "dpv:hasConsentWithdrawal",
)


def _file(shop: Workspace, id_: str, tmp_path: Path) -> tuple[Path, dict[str, object]]:
    answer = Client(SERVER_NAME="localhost").get(f"/consent/receipt/{id_}/file")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    path = tmp_path / "receipt.json"
    path.write_bytes(answer.content)
    return path, json.loads(answer.content)


def test_it_is_signed_and_in_the_ledger(shop: Workspace, tmp_path: Path) -> None:
    agreed(shop, KIM)
    made = agreed(shop, JO, note="said at the fair")
    path, told = _file(shop, made.id, tmp_path)
    report = verify_signed(path, shop.signer.vkey)
    assert report.ok, report.findings
    assert report.entries == [made.index]
    assert "jo@" not in json.dumps(told) and "fair" not in json.dumps(told)
    for before, after in (
        ('"servanda:purpose": "marketing"', '"servanda:purpose": "improve"'),
        (f'"salt": "{told["consent"]["salt"][:8]}', '"salt": "00000000'),  # type: ignore[index]
    ):
        forged = path.read_text().replace(before, after, 1)
        assert forged != path.read_text()
        (tmp_path / "forged.json").write_text(forged)
        assert not verify_signed(tmp_path / "forged.json", shop.signer.vkey).ok


def test_the_record_has_what_the_standard_demands(shop: Workspace) -> None:
    made = agreed(shop, JO, "email", notice="ab" * 32, edition=4, language="en", place="GB")
    no = Act(person(("email", JO)), {"marketing": {"email": False}}, "preferences")
    later = record(shop.desk.book, no)
    kept = history.one(made.id)
    assert kept is not None
    found = consents.shape(shop, kept)
    assert found["dct:conformsTo"] == PROFILE and found["dct:identifier"] == made.id
    assert found["dpv:hasDataSubject"]["dct:identifier"] == made.subject
    notice = found["dpv:hasNotice"]
    assert (notice["servanda:sha256"], notice["dct:hasVersion"]) == ("ab" * 32, 4)
    assert notice["dct:language"] == "en" and notice["dct:source"].endswith("/privacy/policy/")
    for process in found["dpv:hasProcess"]:
        assert all(name in process for name in MANDATORY_OF_A_PROCESS)
        assert process["dpv:hasPersonalData"] and process["dpv:hasStorageDuration"]
    party = found["dpv:hasDataController"]
    assert all(
        party[name]
        for name in ("@type", "dct:identifier", "dpv:hasName", "dpv:hasAddress", "dpv:hasContact")
    )
    events = found["servanda:events"]
    assert [(e["dpv:hasConsentStatus"], e["dct:isPartOf"]) for e in events] == [
        ("dpv:ConsentGiven", made.id),
        ("dpv:ConsentWithdrawn", later.id),
    ]
    for each in events:
        assert each["dct:date"] and each["dct:valid"] and each["@type"].startswith("dpv:")


def test_it_ends_with_the_record(shop: Workspace, tmp_path: Path) -> None:
    mine, other = agreed(shop, JO), agreed(shop, KIM)
    assert keeping.erase(shop.desk.book, mark(shop, JO))
    gone = Client(SERVER_NAME="localhost").get(f"/consent/receipt/{mine.id}")
    assert gone.status_code == 404
    path, _ = _file(shop, other.id, tmp_path)
    assert verify_signed(path, shop.signer.vkey).ok
    for bad in ("x", "0" * 32, "../etc"):
        assert Client(SERVER_NAME="localhost").get(f"/consent/receipt/{bad}").status_code == 404
