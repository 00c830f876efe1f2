"""The intake gate: what comes in by a form, an import or another program, against `policy.forms`.

checking.check(policy, submission, today)     # what is wrong with it; no I/O
gate.take(submission)                         # the same, counted, with a receipt
freetext.refuse_cards("the note", text)       # wherever text comes in without a form
"""

from servanda.desk.intake.checking import Consent, Refusal, Submission, check
from servanda.desk.intake.taking import Accepted, Gate, Given, Refused, UnknownForm, form_of

__all__ = [
    "Accepted",
    "Consent",
    "Gate",
    "Given",
    "Refusal",
    "Refused",
    "Submission",
    "UnknownForm",
    "check",
    "form_of",
]
