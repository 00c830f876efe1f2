#!/usr/bin/env python3
"""A vendor's program for these tests: customers kept in a JSON file.

    crm.py FILE list            prints every customer, one JSON object a line
    crm.py FILE delete          deletes those whose keys it reads, one JSON object a line
    crm.py FILE remove -- ID    deletes one
    crm.py FILE fault WHAT      does something else

It uses the file under a lock and replaces it whole, and does not mind being told twice.
"""

import fcntl
import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> int:
    path, action, *words = Path(sys.argv[1]), *sys.argv[2:]
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        customers = json.loads(path.read_text())
        if action == "list":
            for each in customers:
                print(json.dumps(each, ensure_ascii=words != ["plain"]))
            return 0
        if action == "fault":
            return fault(words[0])
        going = [words[-1]] if action == "remove" else [json.loads(x)["id"] for x in sys.stdin]
        left = [each for each in customers if str(each["id"]) not in {str(id_) for id_ in going}]
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(left))
        fresh.replace(path)
        with path.with_suffix(".calls").open("a") as calls:
            calls.write(json.dumps([action, len(going)]) + "\n")
        return 0


def fault(what: str) -> int:
    match what:
        case "slow":
            time.sleep(60)
        case "child":  # leaves something behind that keeps its output open
            subprocess.Popen(["sleep", "60"], start_new_session=False)
        case "words":
            print("Dear customer,")
        case "endless":
            while True:
                sys.stdout.write("x" * 65536)
        case "environment":
            print(json.dumps(dict(os.environ)))
        case "secret":
            print("ann@client.example does not exist", file=sys.stderr)
            return 3
        case code:
            return int(code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
