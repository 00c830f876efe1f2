"""Acting on requests in the stores, crash-safely, one transaction for each store that has them.

The danger is that of `servanda.apply`: deletion without evidence, evidence without deletion. The
order is the same: the work is done in an open transaction of the store, its evidence is committed
in the state database, then the store commits. In between stands a *prepared* part, and whoever
finds one after a crash asks the store what truly went. tests/faults/test_request_kill.py kills at
every boundary.
"""

from servanda.apply.requests.actor import Actor
from servanda.apply.requests.end import forget_erased
from servanda.apply.requests.outcome import Acted, Stays, StoreResult
from servanda.apply.requests.record import plan_of
from servanda.apply.requests.replay import Replayed, replay
from servanda.apply.requests.residue import Scan, scan
from servanda.apply.requests.run import act, busy, done_for, kept_for, leads, resume, unfinished
from servanda.apply.requests.work import outstanding

__all__ = [
    "Acted",
    "Actor",
    "Replayed",
    "Scan",
    "Stays",
    "StoreResult",
    "act",
    "busy",
    "done_for",
    "forget_erased",
    "kept_for",
    "leads",
    "outstanding",
    "plan_of",
    "replay",
    "resume",
    "scan",
    "unfinished",
]
