"""Listening to a mailbox the way its owner does: with the keys of a telephone.

Asterisk tells in its log what it plays. Each prompt is answered with the key that a person would
press, so the outcome is what VoiceMailMain really announces and plays.
"""

import re
import time
from dataclasses import dataclass, field

from tests.services.asterisk_server import AsteriskServer

PLAYING = re.compile(r"> Playing '([^']+)\.\w+'")


@dataclass
class Heard:
    """What Asterisk announced (new and old messages) and played ("INBOX/msg0000", in order)."""

    new: int = 0
    old: int = 0
    played: list[str] = field(default_factory=list)


def listen(asterisk: AsteriskServer, uniqueid: str, pin: str, *, seconds: float = 90) -> Heard:
    """Answer the prompts of the call which runs VoiceMailMain until it says goodbye."""
    channel = _channel(asterisk, uniqueid)
    heard = Heard()
    seen: list[str] = []
    number = 0
    deadline = time.monotonic() + seconds
    while "vm-goodbye" not in seen:
        if time.monotonic() > deadline:
            raise TimeoutError("the mailbox did not come to an end")
        for prompt in _prompts(asterisk, channel)[len(seen) :]:
            before = seen[-1] if seen else ""
            seen.append(prompt)
            if prompt.startswith("digits/"):
                number += int(prompt.removeprefix("digits/"))
            elif prompt in {"vm-INBOX", "vm-Old"}:
                setattr(heard, "new" if prompt == "vm-INBOX" else "old", number)
                number = 0
            elif prompt.startswith(("INBOX/", "Old/")):
                heard.played.append(prompt)
            if key := _key(prompt, before, pin):
                _press(asterisk, channel, key)
        time.sleep(0.05)
    return heard


def _key(prompt: str, before: str, pin: str) -> str:
    """Choose what to press: 1 plays the messages, 6 goes to the next one, # leaves."""
    if prompt == "vm-password":
        return f"{pin}#"
    if prompt.startswith("vm-incorrect"):
        raise PermissionError("the mailbox refused the pin")
    if prompt in {"vm-message", "vm-messages"} and before in {"vm-INBOX", "vm-Old"}:
        return "1"
    if prompt.startswith(("INBOX/", "Old/")):
        return "6"
    return "#" if prompt in {"vm-nomore", "vm-no"} else ""


def _channel(asterisk: AsteriskServer, uniqueid: str) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for line in asterisk.cli("core show channels concise").splitlines():
            if line.endswith(f"!{uniqueid}"):
                return line.partition("!")[0]
        time.sleep(0.05)
    raise TimeoutError("the call to the mailbox did not begin")


def _prompts(asterisk: AsteriskServer, channel: str) -> list[str]:
    log = asterisk.full_log.read_text(errors="replace").splitlines()
    played = [found[1] for line in log if channel in line and (found := PLAYING.search(line))]
    return ["/".join(path.split("/")[-2:]) for path in played]


def _press(asterisk: AsteriskServer, channel: str, keys: str) -> None:
    for key in keys:
        asterisk.manager.action("PlayDTMF", Channel=channel, Digit=key, Receive="true")
        time.sleep(0.15)  # the key is held for a tenth of a second
