"""Make what was done to a folder outlive a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def make_durable(folder: Path) -> None:
    """What was made, renamed or removed in it stays so. OSError where the disk refuses."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
