"""The tutorial is run from its first line to its last, in a folder of its own.

A fenced block tells by its first line what it is: ```sh is run (`exit=1`: it must end so),
```LANGUAGE NAME is written to that file (`+`: added to it), ```text must be in the output of the
block that ran before it, line by line and in this order, where `…` stands for anything.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"
_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    kind: str
    words: tuple[str, ...]
    body: str
    line: int


def blocks(text: str) -> list[Block]:
    return [
        Block(m[1], tuple(m[2].split()), m[3], text.count("\n", 0, m.start()) + 1)
        for m in _FENCE.finditer(text)
    ]


class Shell:
    """One shell whose folder and PATH last from block to block."""

    def __init__(self, start: Path, state: Path) -> None:
        self.folder = start
        self.path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._state = state

    def run(self, script: str) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "-c", f'set -e\ntrap \'echo "$PWD|$PATH" > "$STATE"\' EXIT\n{script}'],
            cwd=self.folder,
            env={
                "PATH": self.path,
                "STATE": str(self._state),
                "HOME": str(self.folder),
                "COLUMNS": "200",
                "PYTHONUTF8": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        folder, _, self.path = self._state.read_text().strip().partition("|")
        self.folder = Path(folder)
        return done.returncode, done.stdout


def missing(expected: str, output: str) -> list[str]:
    """Lines of `expected` that do not follow each other in `output`."""
    lines = iter(output.splitlines())
    lost = []
    for wanted in expected.splitlines():
        pattern = re.compile(".*".join(re.escape(part) for part in wanted.rstrip().split("…")))
        if not any(pattern.fullmatch(line.rstrip()) for line in lines):
            lost.append(wanted)
    return lost


def install(folder: Path) -> None:
    """A clone's `servanda`, without the setting up: this Python has everything already."""
    folder.mkdir()
    command = folder / "servanda"
    source = f'PYTHONPATH="{ROOT / "src"}" exec "{sys.executable}" -m servanda "$@"'
    command.write_text(f"#!/bin/sh\n{source}\n")
    command.chmod(0o755)


@pytest.mark.slow
def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    install(tmp_path / "clone")
    shell = Shell(tmp_path / "clone", tmp_path / "state")
    output, ran, compared = "", 0, 0
    for block in blocks(TUTORIAL.read_text(encoding="utf-8")):
        at = f"docs/tutorial.md:{block.line}"
        if block.kind == "sh":
            code, output = shell.run(block.body)
            wanted = int(block.words[0].removeprefix("exit=")) if block.words else 0
            assert code == wanted, f"{at} ended with {code}:\n{output}"
            assert "Traceback" not in output, f"{at}:\n{output}"
            ran += 1
        elif block.kind == "text":
            assert missing(block.body, output) == [], f"{at} is not what came out:\n{output}"
            compared += 1
        else:
            assert block.words, f"{at} names no file"
            with (shell.folder / block.words[0]).open("a" if "+" in block.words else "w") as file:
                file.write(block.body)
    assert (ran, compared) >= (14, 12)
    assert shell.folder == tmp_path / "servanda-tutorial" / "acme"
    board = (shell.folder / "board.html").read_text(encoding="utf-8")
    assert "Messages sent through our contact form are deleted after six months." in board


def test_a_line_that_did_not_come_out_is_noticed() -> None:
    assert missing("a … c\nd\n", "a b c\nx\nd\n") == []
    assert missing("d\na b\n", "a b\nd\n") == ["a b"]
    assert missing("a … c\n", "a b\n") == ["a … c"]


@pytest.mark.parametrize(
    "page",
    sorted(p.relative_to(ROOT) for p in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]),
    ids=str,
)
def test_links_lead_somewhere(page: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target and not target.startswith("mailto:"):
            assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"
