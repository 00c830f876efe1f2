"""One encrypted file with all that is a person's: readable, machine-readable, and signed.

    found = gather(subject, collections, stores)
    made = make(asked, found, collections, stores, policy, signer, shelf, now=now)
    made.path, made.passphrase

The passphrase is nowhere but in what `make` returns: it travels by another way than the file.
"""

from servanda.publish.package.choice import LeftOut, Portion, portable_bases
from servanda.publish.package.make import Made, Unread, make
from servanda.publish.package.passphrase import BITS, new_passphrase
from servanda.publish.package.portions import Asked, portioned
from servanda.publish.package.shelf import Kept, Shelf
from servanda.publish.package.tails import Gathered, gather

__all__ = [
    "BITS",
    "Asked",
    "Gathered",
    "Kept",
    "LeftOut",
    "Made",
    "Portion",
    "Shelf",
    "Unread",
    "gather",
    "make",
    "new_passphrase",
    "portable_bases",
    "portioned",
]
