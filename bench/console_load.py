"""Fifty people with a page a second each. Reads what to do from standard input, as JSON."""

from __future__ import annotations

import http.client
import json
import random
import sys
import threading
import time
from typing import Any


def main() -> None:
    told = json.load(sys.stdin)
    times: dict[str, list[float]] = {path: [] for path in told["mix"]}
    failures: list[str] = []
    until = time.monotonic() + told["seconds"]
    people = [
        threading.Thread(target=_person, args=(told, cookie, times, failures, until, number))
        for number, cookie in enumerate(told["cookies"])
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    if failures:
        sys.exit(f"{len(failures)} answers were no pages: {sorted(set(failures))[:5]}")
    json.dump({path: _told(found) for path, found in times.items() if found}, sys.stdout)


def _person(
    told: dict[str, Any],
    cookie: str,
    times: dict[str, list[float]],
    failures: list[str],
    until: float,
    number: int,
) -> None:
    dice = random.Random(number)
    paths, weights = list(told["mix"]), list(told["mix"].values())
    connection = http.client.HTTPConnection("127.0.0.1", told["port"], timeout=30)
    headers = {"Cookie": cookie, "Accept-Encoding": "gzip", "Host": f"localhost:{told['port']}"}
    time.sleep(dice.random())
    while time.monotonic() < until:
        path = dice.choices(paths, weights)[0]
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        took = time.perf_counter() - began
        if answer.status != 200:
            failures.append(f"{path} {answer.status} {answer.getheader('Location', '')}")
            return
        times[path].append(took * 1000)
        time.sleep(max(0.0, 1.0 - took) * (0.5 + dice.random()))
    connection.close()


def _told(found: list[float]) -> dict[str, float]:
    found.sort()
    return {
        "answers": len(found),
        "p50": round(found[len(found) // 2], 1),
        "p95": round(found[int(len(found) * 0.95)], 1),
        "p99": round(found[int(len(found) * 0.99)], 1),
    }


if __name__ == "__main__":
    main()
