"""Signed notes and checkpoints as the C2SP specifications write them, read strictly.

vkey         name+keyid+base64(0x01 || public key)            (signed-note, Ed25519)
note         text, an empty line, then `— name base64(keyid || signature)` lines
checkpoint   a note whose text is: origin, size, base64 of the root, each on a line
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from servanda.ledger.verify.tree import HASH_BYTES

ED25519 = b"\x01"
LARGEST_NOTE = 1_000_000  # bytes; what is longer is refused before it is read
_NAME = re.compile(r"[^\s+]+")
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


class NoteRefused(ValueError):
    """The text is not a note, a key or a checkpoint, or its signature is not by this key."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint states: the tree of `size` leaves has this root."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Verifier:
    """The public key of a log: the only thing a verifier trusts."""

    name: str
    key_id: bytes
    public: bytes

    @classmethod
    def of(cls, name: str, public: bytes) -> Verifier:
        if not is_name(name):
            raise NoteRefused("the name of a log is one word without a plus sign")
        return cls(name, key_id(name, public), public)

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """From `name+keyid+base64`; NoteRefused when it is not one or does not fit together."""
        name, _, rest = vkey.strip().partition("+")
        stated, _, encoded = rest.partition("+")
        key = decode(encoded)
        if len(key) != 1 + 32 or key[:1] != ED25519:
            raise NoteRefused("the public key is not an Ed25519 key")
        verifier = cls.of(name, key[1:])
        if stated != verifier.key_id.hex():
            raise NoteRefused("the public key does not fit its own identifier")
        return verifier

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{encode(ED25519 + self.public)}"

    def text(self, note: str) -> str:
        """The text of a note this key has signed. Signatures by other keys are passed over."""
        if len(note) > LARGEST_NOTE:
            raise NoteRefused("the note is too long")
        text, gap, signatures = note.rpartition("\n\n")
        if not gap or not signatures.endswith("\n"):
            raise NoteRefused("this is not a signed note")
        text += "\n"
        key = Ed25519PublicKey.from_public_bytes(self.public)
        signed = False
        for line in signatures[:-1].split("\n"):
            match = _SIGNATURE.fullmatch(line)
            if match is None:
                raise NoteRefused("a signature line of the note is malformed")
            value = decode(match[2])
            if match[1] != self.name or value[:4] != self.key_id:
                continue
            try:
                key.verify(value[4:], text.encode())
            except InvalidSignature:
                raise NoteRefused("the signature is not by this key") from None
            signed = True
        if not signed:
            raise NoteRefused("the note is not signed by this key")
        return text

    def checkpoint(self, note: str) -> Checkpoint:
        """The statement of a signed checkpoint of this log; NoteRefused for anything else."""
        origin, size, root, *_ = [*self.text(note).split("\n"), "", "", ""]
        if origin != self.name:
            raise NoteRefused("the checkpoint is of another log")
        if _SIZE.fullmatch(size) is None:
            raise NoteRefused("the checkpoint does not state a size")
        hashed = decode(root)
        if len(hashed) != HASH_BYTES:
            raise NoteRefused("the checkpoint does not state a root")
        return Checkpoint(origin, int(size), hashed)


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    return f"{origin}\n{size}\n{encode(root)}\n"


def is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decode(text: str) -> bytes:
    """Strict base64: NoteRefused unless `text` is exactly what `encode` would write."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteRefused("this is not base64") from None
    if encode(data) != text:
        raise NoteRefused("this is not canonical base64")
    return data
