"""docs/reference/published-promises.md is what the example policies say, with all 120 promises."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.publish.policy.world import ROOT

PAGE = ROOT / "docs" / "reference" / "published-promises.md"
COUNTS = {"RT": 22, "JT": 17, "RC": 23, "EN": 16, "EX": 42}


def test_the_page_is_current() -> None:
    tool = ROOT / "tools" / "gen-published-promises"
    made = subprocess.run(
        [sys.executable, tool, "--print"], check=True, capture_output=True, encoding="utf-8"
    )
    assert PAGE.read_text("utf-8") == made.stdout, "run tools/gen-published-promises"


def test_every_promise_has_one_row_with_a_sentence_and_a_section() -> None:
    rows = re.findall(r"^\| `([A-Z]{2})-(\d\d)` \| (.+?) \| (\d+\. .+?) \|", PAGE.read_text(), re.M)
    found = {prefix: [int(n) for p, n, _, _ in rows if p == prefix] for prefix in COUNTS}
    assert found == {prefix: list(range(1, count + 1)) for prefix, count in COUNTS.items()}
    assert len(rows) == 120
