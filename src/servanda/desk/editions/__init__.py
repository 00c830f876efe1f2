"""Published versions of the policy: kept for ever, told before they bind, and for whom they count.

edition = editions.publish(policy, files, by="member 7", binds_at=None, material_confirmed=True)
editions.current(now)                      # the one that is in force
editions.needs_acceptance("marketing", now)  # 3: of who accepted edition 3, or a later one
editions.older(now, policy)                # limits that still hold for who has not accepted
"""

from servanda.desk.editions.accepting import Keeper, accept, applies
from servanda.desk.editions.checking import Damage, verify
from servanda.desk.editions.comparing import between, since
from servanda.desk.editions.keeping import OVERRULES, Facts, earliest, facts, publish
from servanda.desk.editions.rows import (
    Standing,
    compiled,
    current,
    file,
    get,
    kinds,
    listed,
    newest,
    standings,
)
from servanda.desk.editions.terms import Terms, needs_acceptance, older, terms
from servanda.desk.editions.waiting import Pending, asking, pending, untold

__all__ = [
    "OVERRULES",
    "Damage",
    "Facts",
    "Keeper",
    "Pending",
    "Standing",
    "Terms",
    "accept",
    "applies",
    "asking",
    "between",
    "compiled",
    "current",
    "earliest",
    "facts",
    "file",
    "get",
    "kinds",
    "listed",
    "needs_acceptance",
    "newest",
    "older",
    "pending",
    "publish",
    "since",
    "standings",
    "terms",
    "untold",
    "verify",
]
