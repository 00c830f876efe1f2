"""A page that stands alone: its title cannot become markup, and only its own style is allowed."""

from __future__ import annotations

import base64
import hashlib
import re

from servanda.kernel.htmlframe import frame


def test_the_title_is_text_and_the_style_is_named_by_digest() -> None:
    made = frame("A & <b>", "p{color:red}", "<h1>A</h1>", "<p>B</p>")
    assert "<title>A &amp; &lt;b&gt;</title>" in made
    digest = base64.b64encode(hashlib.sha256(b"p{color:red}").digest()).decode()
    assert f"style-src 'sha256-{digest}'" in made
    assert "default-src 'none'" in made
    style = re.search(r"<style>(.*?)</style>", made, re.DOTALL)
    assert style is not None and style[1] == "p{color:red}"


def test_another_style_has_another_digest() -> None:
    one, two = (frame("t", style, "", "") for style in ("a{}", "b{}"))
    found = [re.findall(r"sha256-(\S+?)'", made)[0] for made in (one, two)]
    assert found[0] != found[1]
