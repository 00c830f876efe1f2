"""What a page's HTML loads by itself, and what waits: read, never run."""

from __future__ import annotations

import pytest

from servanda.runtime.sites.reading import read

OURS = "https://privacy.firm.test/consent/banner.js"
URL = "https://www.firm.test/start/"


def loads(html: str) -> set[tuple[str, str]]:
    return {(each.tag, each.host) for each in read(html, URL, OURS).loads}


def test_what_is_loaded_and_what_waits() -> None:
    html = """
    <base href="/deep/"><link rel="canonical" href="https://canonical.test/">
    <link rel="preload stylesheet" href="//fonts.test/a.css"><script src="own.js"></script>
    <script src="https://stats.test/a.js" async></script>
    <script type="module" src="https://module.test/a.js"></script>
    <script type="text/plain" data-consent="analytics" src="https://waits.test/a.js"></script>
    <script type="application/ld+json">{"@id": "https://data.test/"}</script>
    <iframe data-src="https://waits.test/embed" data-consent="functional"></iframe>
    <iframe src="https://film.test/embed"></iframe><iframe src="about:blank"></iframe>
    <img src="data:image/gif;base64,R0" srcset="https://a.test/1.png 1x, https://b.test/2.png 2x">
    <noscript><img src="https://pixel.test/p.gif"></noscript>
    <template><img src="https://template.test/p.gif"><script src="https://t.test/a.js"></script>
    </template><!-- <script src="https://comment.test/a.js"></script> -->
    <a href="https://link.test/">no load</a> <video poster="https://poster.test/p.jpg"></video>
    """
    assert loads(html) == {
        ("link", "fonts.test"),
        ("script", "www.firm.test"),
        ("script", "stats.test"),
        ("script", "module.test"),
        ("iframe", "film.test"),
        ("img", "a.test"),
        ("img", "b.test"),
        ("img", "pixel.test"),
        ("video", "poster.test"),
    }


@pytest.mark.parametrize(
    ("html", "banner", "first"),
    [
        (f'<script src="{OURS}"></script><script src="/a.js"></script>', True, True),
        (f'<script src="{OURS}?v=2"></script>', True, True),
        (f'<script>1</script><script src="{OURS}"></script>', True, False),
        (f'<script async src="{OURS}"></script>', True, False),
        (f'<script src="{OURS}" defer></script>', True, False),
        ('<script src="https://privacy.other.test/consent/banner.js"></script>', False, False),
        (f'<!-- <script src="{OURS}"></script> -->', False, False),
        (f'<a href="{OURS}">x</a>', False, False),
        (f'<script type="text/plain" src="{OURS}"></script>', False, False),
        (f'<script type="application/json">x</script><script src="{OURS}"></script>', True, True),
        ("", False, False),
    ],
)
def test_whether_the_banner_is_there_and_first(html: str, banner: bool, first: bool) -> None:
    found = read(html, URL, OURS)
    assert (found.banner, found.first) == (banner, first)


def test_hosts_that_scripts_in_the_page_name() -> None:
    html = """<script>var s = "//www.Tag.Test/gtm.js";</script>
    <script type="text/plain" data-consent="analytics">"https://waits.test/x"</script>
    <p>www.text.test</p>"""
    assert read(html, URL, OURS).inline == {"www.tag.test"}


def test_a_page_made_to_break_the_reader_is_read_as_far_as_it_goes() -> None:
    for html in (
        "<script src='https://[::1'></script><img src='https://fine.test/x'>",
        "<" * 5000 + "<img src='https://fine.test/x'>",
        "<img src='https://fine.test/x'><script>" + "a." * 100_000,
        "<img src=https://fine.test/x srcset=' , ,'>\x00",
    ):
        assert ("img", "fine.test") in loads(html), html[:60]
    many = "".join(f'<img src="https://h{n}.test/">' for n in range(5000))
    assert len(read(many, URL, OURS).loads) == 2000
