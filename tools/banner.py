"""Puts the banner together from the files of `source/`.

`python -m tools.banner` writes `served/`; `--check` only looks. Tests run what is served, in a
real browser.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tools.shorten import shorten

FOLDER = Path(__file__).parents[1] / "src" / "servanda" / "web" / "consent" / "banner"
PARTS = ("begin", "guard", "record", "face", "start")
HEAD = "// What this does, readable: src/servanda/web/consent/banner/source in Servanda.\n"


def script() -> str:
    parts = [(FOLDER / "source" / f"{part}.js").read_text("utf-8") for part in PARTS]
    once = "if(window.servanda&&window.servanda.may)return"
    return f'{HEAD}(()=>{{"use strict";{once};const RULES=$RULES$;{shorten("".join(parts))}}})();\n'


def style() -> str:
    text = re.sub(
        r"/\*.*?\*/", "", (FOLDER / "source" / "style.css").read_text("utf-8"), flags=re.S
    )
    lines = (line.strip() for line in text.splitlines())
    return "".join(_declaration(line) for line in lines if line) + "\n"


def _declaration(line: str) -> str:
    if line.endswith(";"):
        name, _, value = line.partition(": ")
        return f"{name}:{value}"
    return (
        line.replace(" {", "{") if line.endswith("{") else f"{line} " if line[-1] == "," else line
    )


def main(words: list[str]) -> int:
    stale = False
    for name, text in (("banner.js", script()), ("banner.css", style())):
        path = FOLDER / "served" / name
        stale = stale or not path.exists() or path.read_text("utf-8") != text
        if "--check" not in words:
            path.write_text(text, "utf-8")
    if stale and "--check" in words:
        print("the served banner is not what its source says: run tools/gen-banner")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
