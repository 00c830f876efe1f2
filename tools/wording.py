"""`python -m tools.wording`: compiles our English words for django-allauth's pages."""

from __future__ import annotations

from pathlib import Path

import polib

CATALOGUE = Path(__file__).parents[1] / "src/servanda/web/wording/en/LC_MESSAGES/django.po"


def main() -> None:
    polib.pofile(str(CATALOGUE)).save_as_mofile(str(CATALOGUE.with_suffix(".mo")))


if __name__ == "__main__":
    main()
