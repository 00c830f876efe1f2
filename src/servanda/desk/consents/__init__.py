"""Consents: what people agreed to, and whether they may be written to now.

    record(book, act)                     one act of a person or a browser; durable when it returns
    gate.ask(Subject(...), Question(...)) yes or no, with the reason
    links.mint(book, "email", address)    the person's own page, without an account

`acts` says what an act is and checks it against the policy, `writing` keeps it, `standing` is what
follows from all acts of somebody, `gate` the rules, `asking` reads for them.
"""

from servanda.desk.consents.acts import Act, browser, person
from servanda.desk.consents.recording import Recorded, record

__all__ = ["Act", "Recorded", "browser", "person", "record"]
