"""Requests: the queue, one request, its person, the decision, the deed, the answer."""

from __future__ import annotations

from itertools import chain

from servanda.web.console.requests import (
    act,
    answer,
    child,
    decide,
    files,
    new,
    one,
    play,
    queue,
    steps,
    tree,
)

urls = list(
    chain.from_iterable(
        each.urls
        for each in (queue, new, child, one, steps, tree, decide, act, answer, files, play)
    )
)
