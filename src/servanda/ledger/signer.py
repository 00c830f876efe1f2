"""The Ed25519 key that signs checkpoints, in a file only its owner can read.

The danger: who has this key can sign another history; so it is made 0600, refused when others
can read it, and never printed. What it cannot do is undo a checkpoint somebody else has kept.
Tests: tests/ledger/test_signer.py.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from servanda.kernel.errors import UsageError
from servanda.kernel.seal import KeyFileRefused, new_key, read_secret, write_secret
from servanda.ledger.verify.note import (
    ED25519,
    NoteRefused,
    Verifier,
    decode,
    encode,
    is_name,
)

_PREFIX = "PRIVATE+KEY+"


class Signer:
    """Signs notes in the name of one log. `vkey` is what a verifier needs to know of it."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier.of(name, self._key.public_key().public_bytes_raw())

    @classmethod
    def open(cls, path: Path, name: str) -> Signer:
        """The signer in the key file at `path`; made on first use, then with this name.

        `name` is the log's origin: one word, best like `example.com/privacy`. An existing file
        keeps its own name. KeyFileRefused when the file is not a key or others can read it.
        """
        if not is_name(name):
            raise UsageError(
                "the name of the ledger is not usable", "one word without spaces or plus signs"
            )
        if not path.exists():
            seed = new_key()
            public = cls(name, seed).verifier
            text = f"{_PREFIX}{name}+{public.key_id.hex()}+{encode(ED25519 + seed)}\n"
            try:
                write_secret(path, text.encode())
            except FileExistsError:
                pass  # another process was first
            except OSError as error:
                raise KeyFileRefused(
                    f"key file {path} cannot be made ({error.strerror})", "check its folder"
                ) from None
        return cls._read(path)

    @classmethod
    def _read(cls, path: Path) -> Signer:
        try:
            text = read_secret(path).decode().strip()
            name, identifier, encoded = text.removeprefix(_PREFIX).split("+", 2)
            key = decode(encoded)
            signer = cls(name, key[1:])
            fits = signer.verifier.key_id.hex() == identifier and key[:1] == ED25519
            if fits and text.startswith(_PREFIX):
                return signer
        except (ValueError, NoteRefused):
            pass
        raise KeyFileRefused(
            f"key file {path} does not hold a signing key", "restore it from a backup"
        )

    @property
    def name(self) -> str:
        return self.verifier.name

    @property
    def vkey(self) -> str:
        return str(self.verifier)

    def sign(self, text: str) -> str:
        """The signed note of `text`, which ends with a newline."""
        signature = self._key.sign(text.encode())
        return f"{text}\n— {self.name} {encode(self.verifier.key_id + signature)}\n"
