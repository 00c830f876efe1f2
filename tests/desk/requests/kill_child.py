"""A process that changes request 1 and kills itself at its Nth statement, as `kill -9` would."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from servanda import state
from tests.desk.requests.desk_world import NOW, make, opened


def main(folder: Path, url: str, action: str, at: int) -> None:
    from django.db import connection

    from servanda.desk.requests import asking, identity

    state.setup(url)
    desk = make(folder)
    left = at

    def die(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        done = execute(sql, params, many, context)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    with connection.execute_wrapper(die):
        match action:
            case "new":
                opened(desk, "object", "c@example.test", purpose="support")
            case "ask":
                asking.mail_code(desk.book, "1", by="ann", now=NOW)
            case "verify":
                identity.seen(desk.book, "1", "passport", by="ann", now=NOW)
            case "refuse":
                desk.decide("1", "refuse", ["legal_claims"], by="ann", now=NOW)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
