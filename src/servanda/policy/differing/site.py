"""What the company's sites do: cookies, banner, forms, messages, children, security."""

from __future__ import annotations

from collections.abc import Iterator

from servanda.policy.differing.model import (
    Difference,
    capital,
    changed,
    gained,
    longer,
    names,
    term,
    title,
    told,
)
from servanda.policy.rules import Banner, Cookie, Form, Message, Policy

_SESSION = "the visit"


def compare(old: Policy, new: Policy) -> Iterator[Difference]:
    yield from _cookies(old, new)
    yield from _banner(old.banner, new.banner)
    yield from _forms(old, new)
    yield from _messages(old, new)
    yield from _children(old.children_below, new.children_below)
    for each in gained(old.security, new.security):
        yield Difference("security", f"New about security: {each.rstrip('.')}.")
    for each in gained(new.security, old.security):
        words = f"This is not said about security any more: {each.rstrip('.')}."
        yield Difference("security", words, ("security",))
    if set(old.security) == set(new.security) and old.security != new.security:
        yield Difference("wording", "What is said about security stands in another order.")


# ── cookies ───────────────────────────────────────────────────────────────────────────────────


def _cookies(old: Policy, new: Policy) -> Iterator[Difference]:
    before, after = ({each.name: each for each in some.cookies} for some in (old, new))
    by = {each.id: each.name for some in (old, new) for each in some.recipients}
    for name, each in after.items():
        if name not in before:
            whose = by.get(each.by, each.by) or "us"
            lasts = told(each.lasts, _SESSION)
            words = (
                f"New cookie {name} ({each.category}), set by {whose}, lasts {lasts}: "
                f"{each.purpose.rstrip('.')}."
            )
            yield Difference("cookies", words, _weighs(each))
        else:
            yield from _cookie(before[name], each, by)
    for name in before:
        if name not in after:
            yield Difference("cookies", f"The cookie {name} is not set any more.")


def _weighs(cookie: Cookie) -> tuple[str, ...]:
    return () if cookie.category == "necessary" else (f"cookie:{cookie.name}",)


def _cookie(old: Cookie, new: Cookie, by: dict[str, str]) -> Iterator[Difference]:
    name, token = f"the cookie {new.name}", (f"cookie:{new.name}",)
    if old.category != new.category:
        words = f"{capital(name)} was {old.category} and is now {new.category}."
        unasked = new.category == "necessary"  # nobody is asked about it any more
        yield Difference("cookies", words, token if unasked else _weighs(new))
    if old.purpose != new.purpose:
        words = f"What {name} is for now reads: {new.purpose.rstrip('.')}."
        yield Difference("cookies", words, _weighs(new))
    if old.lasts != new.lasts:
        was, now = told(old.lasts, _SESSION), told(new.lasts, _SESSION)
        stays = old.lasts is None or (
            new.lasts is not None and not old.lasts.at_least_as_long_as(new.lasts)
        )
        words = f"{capital(name)} lasted {was}; it now lasts {now}."
        yield Difference("cookies", words, _weighs(new) if stays else ())
    if old.by != new.by:
        was, now = by.get(old.by, old.by) or "us", by.get(new.by, new.by) or "us"
        words = f"{capital(name)} was set by {was}; it is now set by {now}."
        yield Difference("cookies", words, token if new.by else ())
    for each in gained(old.hosts, new.hosts):
        yield Difference("cookies", f"{capital(name)} now also comes from {each}.", _weighs(new))
    for each in gained(new.hosts, old.hosts):
        yield Difference("cookies", f"{capital(name)} comes from {each} no more.")
    if set(old.hosts) == set(new.hosts) and old.hosts != new.hosts:
        yield Difference("wording", f"The hosts of {name} stand in another order.")


def _banner(old: Banner | None, new: Banner | None) -> Iterator[Difference]:
    if old is None or new is None:
        if new is not None:
            yield Difference("cookies", f"Visitors are asked first on {names(new.sites)}.")
        elif old is not None:
            words = "Visitors of our sites are not asked before cookies are set any more."
            yield Difference("cookies", words, ("banner",))
        return
    for each in gained(old.sites, new.sites):
        yield Difference("cookies", f"Visitors are now asked on {each} as well.")
    for each in gained(new.sites, old.sites):
        yield Difference("cookies", f"Visitors are not asked on {each} any more.", ("banner",))
    if old.asks_again != new.asks_again:
        words = f"Visitors were asked again after {old.asks_again}; now after {new.asks_again}."
        later = longer(old.asks_again, new.asks_again)
        yield Difference("cookies", words, ("banner",) if later else ())
    if set(old.sites) == set(new.sites) and old.sites != new.sites:
        yield Difference("wording", "Our sites stand in another order.")


# ── forms and messages ────────────────────────────────────────────────────────────────────────


def _forms(old: Policy, new: Policy) -> Iterator[Difference]:
    before, after = ({each.id: each for each in some.forms} for some in (old, new))
    for id_, each in after.items():
        if id_ not in before:
            asks = names(title(field.name) for field in each.fields)
            reasons = (f"source:{each.activity}",) if each.third_party else ()
            yield Difference("forms", f"New form: {title(id_)}. It asks for {asks}.", reasons)
        else:
            yield from _form(before[id_], each)
    for id_ in before:
        if id_ not in after:
            yield Difference("forms", f"The form {title(id_)} is gone.")


def _form(old: Form, new: Form) -> Iterator[Difference]:
    name = f"the form {title(new.id)}"
    yield from changed("forms", f"What {name} feeds", title(old.activity), title(new.activity))
    before, after = ({each.name: each for each in some.fields} for some in (old, new))
    for field, each in after.items():
        was = before.get(field)
        if was is None:
            words = f"{capital(name)} now asks for {title(field)} ({term('data', each.category)})."
            yield Difference("forms", words)
        elif was != each:
            must = "must" if each.required else "may"
            words = f"In {name}, {title(field)} is {term('data', each.category)}, people {must} "
            words += f"give it{', in their own words' if each.free else ''}."
            yield Difference("forms", words)
    for field in gained(list(after), list(before)):
        yield Difference("forms", f"{capital(name)} asks for {title(field)} no more.")
    if before == after and old.fields != new.fields:
        yield Difference("wording", f"The fields of {name} stand in another order.")
    if old.third_party != new.third_party:
        whom = "others than the people themselves" if new.third_party else "the people themselves"
        reasons = (f"source:{new.activity}",) if new.third_party else ()
        yield Difference("forms", f"{capital(name)} now takes data from {whom}.", reasons)
    if old.asks_age != new.asks_age:
        asks = "asks people their age" if new.asks_age else "does not ask people their age any more"
        reasons = () if new.asks_age else ("children",)
        yield Difference("forms", f"{capital(name)} {asks}.", reasons)


def _messages(old: Policy, new: Policy) -> Iterator[Difference]:
    before, after = ({each.id: each for each in some.messages} for some in (old, new))
    for id_, each in after.items():
        if id_ not in before:
            words = f"New messages: {each.says.rstrip('.')} ({each.kind})."
            yield Difference("messages", words, _sent(each))
        else:
            yield from _message(before[id_], each)
    for id_ in before:
        if id_ not in after:
            yield Difference("messages", f"We do not send messages about {title(id_)} any more.")


def _message(old: Message, new: Message) -> Iterator[Difference]:
    name = f"messages about {title(new.id)}"
    if old.kind != new.kind:
        words = f"{capital(name)} were {old.kind} and are now {new.kind}."
        yield Difference("messages", words, (f"message:{new.id}",))
    was, now = term("purpose", old.purpose), term("purpose", new.purpose)
    yield from changed("messages", f"What {name} are for", was, now, f"message:{new.id}")
    yield from changed("messages", f"What {name} tell", old.says, new.says)


def _sent(message: Message) -> tuple[str, ...]:
    return (f"message:{message.id}",) if message.kind == "marketing" else ()


def _children(old: int | None, new: int | None) -> Iterator[Difference]:
    if old == new:
        return
    if new is None:
        words = f"Nothing is said of children any more; below {old} they needed a parent's consent."
        yield Difference("children", words, ("children",))
    else:
        words = f"People below {new} need a parent's consent"
        words += f"; before, those below {old}." if old else "."
        yield Difference("children", words, ("children",) if old and new < old else ())
