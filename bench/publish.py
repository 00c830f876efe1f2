"""`publish`: the PDF of a full policy, beside the page of the same policy.

The policy is the longest of the examples. The page is made in the same run, so that the figure says
how much the typesetter costs on this machine; the limit is for the PDF alone.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from bench import harness

ROUNDS, PDF_S = 5, 1.0
POLICY = Path(__file__).parents[1] / "examples" / "exmas-kenya" / "policy.yaml"
ON = date(2026, 11, 28)


def run() -> dict[str, Any]:
    """Seconds of one PDF, best and slowest, and of the page."""
    from servanda import policy as language
    from servanda.publish.policy import Facts, document, render

    policy = language.load(POLICY, today=ON.isoformat()).require()
    doc = document(policy, ON, edition=Facts(1, ON, ON))
    first = harness.seconds(partial(render, doc, "pdf"))  # with the typesetter's own start
    pdf, page = [], []
    for _ in range(harness.size("rounds", ROUNDS)):
        pdf.append(harness.seconds(partial(render, doc, "pdf")))
        page.append(harness.seconds(partial(_page, policy)))
    made = render(doc, "pdf")
    if not made.startswith(b"%PDF-"):
        raise RuntimeError("that is no PDF")
    return harness.result(
        "publish",
        [
            harness.Figure("PDF of a full policy", min(pdf), PDF_S, min(pdf), min(page)),
            harness.Figure("slowest PDF", max(pdf), PDF_S, max(pdf), max(page)),
            harness.Figure("first PDF", first, PDF_S, first),
        ],
        promises=len(policy.promises),
        activities=len(policy.activities),
        bytes=len(made),
        page_of_pdf=round(min(page) / min(pdf), 3),
    )


def _page(policy: Any) -> bytes:
    """From the rules to the page, as it is served."""
    from servanda.publish.policy import document, render

    return render(document(policy, ON), "html")
