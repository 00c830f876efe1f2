"""`servanda init`: a new workspace with files that explain themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.output import say, write_file
from servanda.kernel.errors import UsageError


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made when missing.")]) -> None:
    """Make a workspace: a commented policy, stores file, and settings. Overwrites nothing."""
    from importlib.resources import files

    templates = files("servanda.policy") / "templates"
    names = ("policy.yaml", "stores.yaml", "servanda.toml")
    there = [name for name in names if (folder / name).exists()]
    if there:
        raise UsageError(
            f"{folder} already has {', '.join(there)}", "choose another folder, or edit those files"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made ({error.strerror})") from None
    for name in names:
        write_file(folder / name, (templates / name).read_bytes())
    write_file(folder / ".gitignore", ".servanda/\n")
    say(f"made {folder} with {', '.join(names)}")
    say(f"next: edit them, then  servanda check -C {folder}")
