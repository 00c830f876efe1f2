"""A passkey of a member's, as a browser would have registered it. Nobody can sign in with it."""

from __future__ import annotations

import hashlib
import json
import secrets

from servanda.web.models import Member


def passkey(member: Member) -> int:
    """Its number. The member gets recovery codes as well, as after a first factor."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    RecoveryCodes.activate(member)
    data = {"name": "Blue key", "credential": _registered()}
    kind = Authenticator.Type.WEBAUTHN
    return int(Authenticator.objects.create(user=member, type=kind, data=data).pk)


def _registered() -> dict[str, object]:
    from cryptography.hazmat.primitives.asymmetric import ec
    from fido2.cose import ES256
    from fido2.utils import websafe_encode
    from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

    key = ES256.from_cryptography_key(  # type: ignore[no-untyped-call]
        ec.generate_private_key(ec.SECP256R1()).public_key()
    )
    id_ = secrets.token_bytes(16)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    place = hashlib.sha256(b"localhost").digest()
    of_key = AttestedCredentialData.create(bytes(16), id_, key)
    about = AuthenticatorData.create(place, flags, 0, of_key)
    told = {"type": "webauthn.create", "challenge": "AAAA", "origin": "http://localhost"}
    return {
        "id": websafe_encode(id_),
        "rawId": websafe_encode(id_),
        "type": "public-key",
        "clientExtensionResults": {},
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(told).encode()),
            "attestationObject": websafe_encode(AttestationObject.create("none", about, {})),
        },
    }
