"""One lane for each store, with as many threads as the store allows connections.

A store that fails ends its own steps and nobody else's. The first interrupt lets every thread
finish or undo the window in its hands; nothing is abandoned half way.
"""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

from servanda.apply import steps
from servanda.apply.job import Job, writes
from servanda.apply.site import store_of
from servanda.apply.throttle import Throttle
from servanda.apply.validate import Ground, barred
from servanda.apply.worker import Worker
from servanda.plan.steps import Write

_POLL_S = 0.2


def work(job: Job, ground: Ground) -> None:
    """Work until all steps of the plan have ended here, or `job.stop`.

    Raises what a worker could not turn into a failed step: above all StateFailed.
    """
    workers = _workers(job, ground)
    if not workers:
        return
    with ThreadPoolExecutor(len(workers), thread_name_prefix="servanda") as pool:
        futures = [pool.submit(worker.run) for worker in workers]
        try:
            _watched(job, futures)
        except KeyboardInterrupt:
            job.stop.set()
        except BaseException:
            job.stop.set()  # the pool waits for its threads before this goes on
            raise
    for future in futures:
        future.result()


def _watched(job: Job, futures: list[Future[None]]) -> None:
    """Wait in short pieces, so that an interrupt is heard; one failure stops all."""
    left = set(futures)
    while left:
        done, left = wait(left, timeout=_POLL_S, return_when=FIRST_EXCEPTION)
        if any(future.exception() for future in done):
            job.stop.set()


def _workers(job: Job, ground: Ground) -> list[Worker]:
    by_store: dict[str, list[Write]] = {}
    for step in writes(job.plan):
        bar = barred(step, job.site, ground)
        if bar is None:
            by_store.setdefault(store_of(step.collection), []).append(step)
        else:
            steps.bar(job.run, step.id, *bar, job.site.now())
    workers: list[Worker] = []
    for store, store_steps in by_store.items():
        limit = job.site.config(store).limit
        throttle, turn = Throttle(limit.rows_per_second), threading.Lock()
        for _ in range(max(1, limit.connections)):
            thread = f"{job.workers}{len(workers)}"
            workers.append(Worker(job, thread, store_steps, limit, throttle, turn))
    return workers
