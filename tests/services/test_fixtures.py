"""A missing server skips its tests and says how to install it; in a full run it fails them."""

import pytest

from tests.services.fixtures import require


def test_a_missing_server_skips_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SERVANDA_TEST_ALL", raising=False)
    require(lambda: True, "Asterisk", "asterisk")
    with pytest.raises(pytest.skip.Exception, match=r"Asterisk .*sudo tools/install-services"):
        require(lambda: False, "Asterisk", "asterisk")


def test_a_missing_server_fails_a_full_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVANDA_TEST_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="sudo tools/install-services asterisk"):
        require(lambda: False, "Asterisk", "asterisk")
