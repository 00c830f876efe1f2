"""`python -m bench NAME [--json]`: exit code 1 where a target was missed."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from bench import harness

_NOT_BENCHES = {
    "__init__",
    "__main__",
    "accessing",
    "banner_bed",
    "console_bed",
    "console_load",
    "board_bed",
    "erasing",
    "harness",
    "may_bed",
    "may_load",
    "requests_bed",
    "sweeping",
    "tables",
}


def names() -> list[str]:
    """The benches there are, as they are called on the command line."""
    modules = {path.stem for path in Path(__file__).parent.glob("*.py")} - _NOT_BENCHES
    return sorted(name.replace("_", "-") for name in modules)


def main(arguments: list[str]) -> int:
    wanted = [each for each in arguments if not each.startswith("-")]
    unknown = sorted(set(wanted) - set(names()))
    if len(wanted) != 1 or unknown:
        print(f"usage: python -m bench NAME [--json]\nbenches: {', '.join(names())}")
        return 2
    found = importlib.import_module(f"bench.{wanted[0].replace('-', '_')}").run()
    print(json.dumps(found, indent=2) if "--json" in arguments else harness.table(found))
    return 0 if all(found["targets"].values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
