"""Letters to people and customers: plain English, as text and as PDF, saying what the law wants.

made = letter("refusal", data)
text(made), pdf(made), made.says
"""

from servanda.publish.letters.data import LetterData
from servanda.publish.letters.kinds import KINDS, letter
from servanda.publish.letters.paper import Letter
from servanda.publish.letters.pdf import pdf
from servanda.publish.letters.text import text

__all__ = ["KINDS", "Letter", "LetterData", "letter", "pdf", "text"]
