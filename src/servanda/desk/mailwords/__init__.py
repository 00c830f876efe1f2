"""The words of mails to people: our own, or the company's in its `templates/mail`."""

from servanda.desk.mailwords.kinds import KINDS, Kind
from servanda.desk.mailwords.template import Words, builtin, check, ours, words

__all__ = ["KINDS", "Kind", "Words", "builtin", "check", "ours", "words"]
