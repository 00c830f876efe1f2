"""A passphrase that can be read out over the phone: six groups of four, 120 bits."""

from __future__ import annotations

import secrets

_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # neither 0 and O nor 1 and I
_GROUPS, _LENGTH = 6, 4
BITS = _GROUPS * _LENGTH * (len(_SIGNS).bit_length() - 1)


def new_passphrase() -> str:
    """`K7QD-2M4X-…`. The hyphens belong to it."""
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)
