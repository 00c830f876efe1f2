"""Ask a server as fast as it answers, or so often a second, and tell how long it took.

One process, one thread, raw sockets: so little of its own that the server is what is measured.
Reads what to do from standard input, as JSON: port, requests (each as text), connections, seconds,
and `rate` (a second; 0: as fast as possible).
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any


@dataclass(slots=True)
class Line:
    """One connection. `due`: when its request should have been sent."""

    socket: socket.socket
    due: float = 0.0
    waits: bool = False
    got: bytes = b""
    times: list[float] = field(default_factory=list)


def main() -> None:
    told = json.load(sys.stdin)
    requests = cycle([each.encode() for each in told["requests"]])
    lines = [_line(told["port"]) for _ in range(told["connections"])]
    selector = selectors.DefaultSelector()
    for line in lines:
        selector.register(line.socket, selectors.EVENT_READ, line)
    statuses: dict[str, int] = {}
    gap = 1 / told["rate"] if told["rate"] else 0.0
    began = time.perf_counter()
    until, due = began + told["seconds"], began
    idle = list(lines)
    times: list[float] = []
    while True:
        now = time.perf_counter()
        if now >= until and len(idle) == len(lines):
            break
        while idle and now < until and (not gap or due <= now):
            line = idle.pop()
            line.due = due if gap else now
            line.socket.sendall(next(requests))
            due += gap
            now = time.perf_counter()
        wait = max(0.0, min(due - now, 0.05)) if gap and idle else 0.05
        for key, _ in selector.select(wait):
            line = key.data
            line.got += line.socket.recv(65536)
            if _whole(line.got):
                status = line.got[9:12].decode()
                statuses[status] = statuses.get(status, 0) + 1
                times.append(time.perf_counter() - line.due)
                line.got = b""
                idle.append(line)
    took = time.perf_counter() - began
    json.dump({"statuses": statuses, **_told(times, took)}, sys.stdout)


def _line(port: int) -> Line:
    made = socket.create_connection(("127.0.0.1", port))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Line(made)


def _whole(got: bytes) -> bool:
    head, end, body = got.partition(b"\r\n\r\n")
    if not end:
        return False
    at = head.lower().find(b"content-length:")
    return at >= 0 and len(body) >= int(head[at + 15 :].split(b"\r", 1)[0])


def _told(times: list[float], took: float) -> dict[str, Any]:
    times.sort()
    return {
        "answers": len(times),
        "rate": round(len(times) / took, 1),
        "p50": round(times[len(times) // 2] * 1000, 2),
        "p99": round(times[int(len(times) * 0.99)] * 1000, 2),
    }


if __name__ == "__main__":
    main()
