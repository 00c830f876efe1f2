"""servanda.toml: what is not said has a default; what is said wrong is refused by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from servanda.kernel.errors import UsageError
from servanda.kernel.period import Period
from servanda.runtime import config

NOW = datetime(2026, 1, 14, 12, 0, tzinfo=UTC)  # a Wednesday
ZONE = ZoneInfo("Europe/London")


def load(folder: Path, text: str) -> config.Settings:
    (folder / config.NAME).write_text(text, encoding="utf-8")
    return config.load(folder)


def test_without_a_file_everything_has_a_default(tmp_path: Path) -> None:
    found = config.load(tmp_path)
    assert found.schedule.sweep == "0 2 * * *"
    assert found.state.url == "sqlite:///.servanda/state.sqlite3"
    found.check_lead(NOW, ZONE)


def test_what_is_said_is_taken_and_the_rest_stays(tmp_path: Path) -> None:
    found = load(tmp_path, '[schedule]\nlead = "2 days"\n[evidence]\nkeep = "7 years"\n')
    assert found.schedule.lead == Period(days=2)
    assert found.schedule.grace == Period(days=1)
    assert found.evidence.keep.cutoff(NOW, ZONE).year == 2019


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[schedul]\n", 'did you mean "schedule"'),
        ('sweep = "0 2 * * *"\n', "unknown section [sweep]"),
        ('[schedule]\nlaed = "1 day"\n', 'did you mean "lead"'),
        ("[schedule]\nlead = 1\n", "schedule.lead must be text"),
        ('[schedule]\nlead = "soon"\n', "schedule.lead"),
        ('[schedule]\nsweep = "every night"\n', "is not a cron line"),
        ('[schedule]\nsweep = "61 2 * * *"\n', "is not a cron line"),
        ("[schedule\n", "line 1"),
        ('[state]\nurl = "postgresql://x:${NO_SUCH_NAME}@h/d"\n', "NO_SUCH_NAME"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        load(tmp_path, text)
    assert str(refused.value).startswith(config.NAME)
    assert said in str(refused.value)


def test_what_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / config.NAME).write_bytes(b"\xff\xfe[schedule]")
    with pytest.raises(UsageError):
        config.load(tmp_path)


def test_variables_and_their_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHERE", "elsewhere")
    found = load(tmp_path, '[keys]\nfolder = "/srv/${WHERE}/${NO_SUCH_NAME:-keys}"\n')
    assert found.keys.folder == "/srv/elsewhere/keys"


def test_occasions_are_on_the_wall_clock(tmp_path: Path) -> None:
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    settings = config.load(tmp_path)
    first, second = settings.occasions(summer, ZONE)
    assert first == datetime(2026, 7, 2, 1, 0, tzinfo=UTC)  # two o'clock in London
    assert second - first == timedelta(days=1)
    assert settings.occasions(NOW, ZONE)[0] == datetime(2026, 1, 15, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sweep", "lead", "good"),
    [
        ("0 2 * * *", "1 day", True),
        ("0 * * * *", "1 day", True),
        ("0 2 * * 0", "1 day", False),
        ("0 2 * * 0", "7 days", True),
        ("0 2 * * 1-5", "1 day", False),  # over the weekend three days pass
        ("0 2 * * 1-5", "3 days", True),
        ("0 2 1 * *", "30 days", False),
        ("0 2 1 * *", "31 days", True),
    ],
)
def test_a_lead_shorter_than_the_wait_is_refused(
    tmp_path: Path, sweep: str, lead: str, good: bool
) -> None:
    settings = load(tmp_path, f'[schedule]\nsweep = "{sweep}"\nlead = "{lead}"\n')
    if good:
        settings.check_lead(NOW, ZONE)
        return
    with pytest.raises(UsageError) as refused:
        settings.check_lead(NOW, ZONE)
    assert "schedule.lead" in str(refused.value)


@pytest.mark.parametrize("hours", range(0, 48, 6))
def test_summer_time_does_not_refuse_the_default(tmp_path: Path, hours: int) -> None:
    for change in (datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)):
        config.load(tmp_path).check_lead(change + timedelta(hours=hours), ZONE)


@pytest.mark.parametrize(
    ("sweep", "grace", "days"),
    [("0 2 * * *", "1 day", 2), ("0 2 * * 0", "2 days", 9), ("0 2 * * 1-5", "1 day", 4)],
)
def test_the_heartbeat_is_the_longest_wait_and_the_grace(
    tmp_path: Path, sweep: str, grace: str, days: int
) -> None:
    settings = load(tmp_path, f'[schedule]\nsweep = "{sweep}"\ngrace = "{grace}"\n')
    assert settings.heartbeat(NOW, ZONE) == timedelta(days=days)
