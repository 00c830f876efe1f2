"""What docs/how-to/banner.md tells to write into WordPress does what it says, in real PHP."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from servanda.runtime.sites.reading import read

PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "banner.md"
_STAGE = """<?php
$hooks = array();
function add_action( $name, $call, $priority = 10 ) { global $hooks; $hooks[ $name ] = $call; }
function add_filter( $name, $call, $priority = 10, $many = 1 ) { add_action( $name, $call ); }
%s
$hooks['wp_head']();
foreach ( array( 'google_gtagjs', 'jquery-core' ) as $handle ) {
    $src = "src='https://$handle.test/a.js'";
    $tag = "<script type='text/javascript' $src id='$handle-js'></script>";
    echo $hooks['script_loader_tag']( $tag, $handle );
}
echo $hooks['embed_oembed_html']( '<iframe title="x" src="https://film.test/1"></iframe>' );
"""


@pytest.mark.services
def test_the_wordpress_lines(tmp_path: Path) -> None:
    php = shutil.which("php")
    if php is None:
        pytest.skip("PHP is not installed: run `sudo tools/install-services wordpress`")
    found = re.search(r"```php\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    assert found
    script = tmp_path / "stage.php"
    script.write_text(_STAGE % found[1], "utf-8")
    html = subprocess.run([php, str(script)], capture_output=True, text=True, check=True).stdout
    page = read(html, "https://www.msp.example/", "https://privacy.msp.example/consent/banner.js")
    assert page.banner and page.first
    assert [each.host for each in page.loads] == ["jquery-core.test"]
    assert 'data-consent="analytics" data-src=\'https://google_gtagjs.test' in html
    assert 'data-consent="functional" data-src="https://film.test/1"' in html
