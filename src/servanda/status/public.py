"""What the ledger says of the published policy, of consent and of what comes in.

Of each census the newest is kept; of each wrong that cannot be undone, the newest census that
counted one since the census before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from servanda.status.facts import Fact, Topics

CENSUSES = ("publish.census", "consent.census", "intake.census")
WRONGS = {
    "publish.census": ("bound_without",),
    "consent.census": ("late",),
    "intake.census": ("unsourced", "children"),
}


@dataclass(slots=True)
class Public:
    """`censuses`: by kind, the newest. `wrongs`: by what was counted."""

    censuses: dict[str, Fact] = field(default_factory=dict)
    wrongs: dict[str, Fact] = field(default_factory=dict)

    def add(self, fact: Fact) -> Topics:
        kind = fact.entry["kind"]
        self.censuses[kind] = fact
        for wrong in WRONGS[kind]:
            if fact.entry.get(wrong, 1):  # not said is not none
                self.wrongs[wrong] = fact
        return (kind,)
