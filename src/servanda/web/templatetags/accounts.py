"""How a browser is called: its name and where it runs, out of the long line it sends."""

from __future__ import annotations

from django import template

register = template.Library()

_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


@register.filter
def browser(line: str) -> str:
    """`Firefox on Linux`; what nobody knows is shown as it is, up to its first words."""
    name = next((name for sign, name in _BROWSERS if sign in line), "")
    system = next((name for sign, name in _SYSTEMS if sign in line), "")
    if name and system:
        return f"{name} on {system}"
    return name or system or line[:40] or "unknown"
