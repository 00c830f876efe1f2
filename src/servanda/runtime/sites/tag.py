"""What goes into each page of the company's sites."""

from __future__ import annotations

from html import escape


def snippet(address: str) -> str:
    """The script before all others: what loads before it is not held back. Without JavaScript
    tagged things never load and nothing is kept; then there is a link."""
    there = escape(address, quote=True)
    return (
        "<!-- first in <head>, without async or defer -->\n"
        f'<script src="{there}/consent/banner.js"></script>\n'
        "<!-- at the end of <body> -->\n"
        f'<noscript><a href="{there}/privacy/policy/">Privacy and cookies</a></noscript>'
    )
