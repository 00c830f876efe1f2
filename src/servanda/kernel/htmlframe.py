"""The frame of a page that stands alone in a file: no script, nothing from outside.

The browser is told so by a policy that names the one style sheet by its digest, so that nothing
which slipped through escaping could load or run anything. Tests: tests/kernel/test_htmlframe.py.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape


def frame(title: str, style: str, header: str, main: str) -> str:
    """The whole file. `title` is plain text; `header` and `main` are HTML, escaped already."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    csp = f"default-src 'none'; style-src 'sha256-{digest}'"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{csp}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body>
<header>
{header}
</header>
<main>
{main}
</main>
</body>
</html>
"""
