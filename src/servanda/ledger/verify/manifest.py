"""What a manifest's seal is bound to, and how its content is laid out."""

from __future__ import annotations

from servanda.kernel.canonical import canonical


def place(run: str, step: str, window: int, encoding: str, count: int) -> bytes:
    """Associated data: a manifest moved to another window, or recounted, does not open."""
    return canonical(
        {"run": run, "step": step, "window": window, "encoding": encoding, "count": count}
    )


def agrees(encoding: str, data: bytes, count: int) -> bool:
    """Whether `data` holds `count` keys in that encoding (see `stores.port.Keys`)."""
    if encoding == "i8":
        return len(data) == 8 * count
    if encoding == "sha256":
        return len(data) == 32 * count
    if encoding == "json":
        return data.count(b"\n") + (bool(data) and not data.endswith(b"\n")) == count
    if encoding == "partition":
        return bool(data) == (count > 0)
    return False
