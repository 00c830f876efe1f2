"""Applies plans: claim, window, record, confirm, resume.

This package destroys data, for good, in systems that belong to somebody else. The harm it could do,
and what stands against each:

* **Delete what must stay.** Only a plan that was explained is applied, by digest; policy, mapping,
  store shape, age and counts are checked again first (`validate`); a step above its limit needs
  an approval of exactly this plan. A step's predicate is fixed in the plan; this package only
  ever narrows it, by holds and by partners that could not go (`shield`).
  Tests: tests/faults/test_changed_world.py.
* **Delete what is held.** The holds in force are taken out of every window when it opens, and
  their version is compared again inside the commit that records the window (`record`), so a hold
  added at any moment costs at most the windows already recorded.
  Tests: tests/faults/test_holds_during_apply.py.
* **Delete without evidence, or claim what was not deleted.** The state database cannot share a
  transaction with a store, so each window is done in the store's open transaction, then recorded
  in one commit of ours, then committed there (`worker`). After a crash the recorded window is
  compared with what is there, and the evidence corrected before anything else happens (`settle`).
  Tests: tests/faults/test_kill.py kills at every boundary, on every kind of store.
* **Do one window twice.** A window is claimed by a conditional UPDATE that raises its fence and
  takes a lease (`claims`). Whoever lost the lease fails the fence check inside the recording
  commit, and the store's transaction is rolled back. Tests: tests/faults/test_two_workers.py.
* **Lose what was to be kept elsewhere.** Archive and return copy the records while the window
  holds them locked, read the copy back, and only then record and delete (`transfer`).
  Tests: tests/apply/test_transfer.py, tests/faults/test_kill.py.
* **Break a pair.** A record whose partner in another store could not go stays too (`partners`).
  Tests: tests/apply/test_partners.py.
* **Believe itself.** After the steps another reader counts what is overdue, with its own
  credential, and the values of what went are searched for (`recount`, `residue`).
* **Lean too hard on a store.** Windows are short, rows a second and connections are limited
  (`throttle`), and a busy store is asked again only a few times, with growing pauses (`retry`).

What it does not guard against: a mapping that names the wrong clock (the explained plan shows
oldest and newest for that), and a worker that sleeps for longer than its lease in the instant
between its last look at the lease and the store's commit; then two workers may both have done the
same window, which deletes nothing more, and settling it writes evidence of what truly went.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from servanda.apply.occasions import census
    from servanda.apply.outcome import Outcome, Progress
    from servanda.apply.run import resume, start, unfinished, work
    from servanda.apply.site import Site

__all__ = ["Outcome", "Progress", "Site", "census", "resume", "start", "unfinished", "work"]

_HOME = {
    "Outcome": "outcome",
    "Progress": "outcome",
    "Site": "site",
    "census": "occasions",
    "resume": "run",
    "start": "run",
    "unfinished": "run",
    "work": "run",
}


def __getattr__(name: str) -> Any:
    """Loaded when first used: the run needs Django, and `servanda --help` does not."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
