"""Files that products leave beside their data: dumps, caches, rotated logs."""

from __future__ import annotations

import glob
import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from servanda.stores.mapping import Collection, StoreConfig

MOST_FILES, MOST_BYTES = 500, 64 * 2**20  # a collection; a file
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """By-products that hold one of the values, and those nobody could look into."""

    holding: int = 0
    unread: int = 0


def search(config: StoreConfig, collection: Collection, values: Sequence[str]) -> Found:
    """Search by-products for the values, in their names and in their content.

    A pattern that is not absolute is taken from the store's own folder, where it has one.
    """
    if not collection.byproducts or not values:
        return Found()
    wanted = re.compile(b"|".join(re.escape(value.encode()) for value in values))
    longest = max(len(value.encode()) for value in values)
    answers = [_holds(path, wanted, longest) for path in _files(config, collection)]
    return Found(answers.count(True), answers.count(None))


def _files(config: StoreConfig, collection: Collection) -> Iterator[Path]:
    base = _folder(config)
    seen: set[Path] = set()
    for pattern in collection.byproducts:
        if not pattern.startswith("/") and base is None:
            continue
        root = None if pattern.startswith("/") else base
        # Not Path.glob: it takes no absolute pattern, and packs name folders like /var/log.
        for name in glob.iglob(pattern, root_dir=root, recursive=True):  # noqa: PTH207
            path = (root or Path("/")) / name
            if path.is_file() and not path.is_symlink() and path not in seen:
                seen.add(path)
                yield path
            if len(seen) >= MOST_FILES:
                return


def _folder(config: StoreConfig) -> Path | None:
    parts = urlsplit(config.connect)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    if parts.scheme.partition("+")[0] == "sqlite" and parts.path:
        return Path(unquote(parts.path)[1:]).parent
    return None


def _holds(path: Path, wanted: re.Pattern[bytes], longest: int) -> bool | None:
    """None where the file cannot be read, or not to its end."""
    if wanted.search(path.name.encode(errors="surrogateescape")):
        return True
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            tail, left = b"", MOST_BYTES
            while piece := file.read(_PIECE):
                if wanted.search(tail + piece):
                    return True
                tail, left = piece[-longest:], left - len(piece)
                if left <= 0:
                    return None
    except (OSError, EOFError, zlib.error):
        return None
    return False
