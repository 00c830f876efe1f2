"""Shows that Asterisk really takes calls, and where it leaves what people said."""

import wave
from datetime import UTC, datetime

import pytest

from tests.services.ageing import age_call, age_voicemail
from tests.services.asterisk import Asterisk
from tests.services.mariadb import MariaDB

pytestmark = pytest.mark.services

ANN, BO = "+442890180001", "+442890180002"
LONG_AGO = datetime(2023, 5, 4, 10, 0, tzinfo=UTC)


def test_a_call_leaves_records_events_and_a_recording(
    fresh_asterisk: Asterisk, mariadb: MariaDB
) -> None:
    asterisk = fresh_asterisk
    ann, bo = (asterisk.start_call(who, seconds=1) for who in (ANN, BO))
    for call in (ann, bo):
        asterisk.wait_for(call)

    recording = asterisk.recording(ann)
    assert recording is not None
    assert recording.name.startswith(f"in-200-{ANN}-")
    assert recording.relative_to(asterisk.monitor_dir).parts[0] == str(datetime.now(UTC).year)
    with wave.open(str(recording)) as sound:
        assert sound.getnframes() > sound.getframerate() / 2

    outside, desk = asterisk.rows(ann)
    assert outside[0] == ANN
    assert desk == (ANN, "200", ANN, ann.uniqueid, recording.name)
    assert "LINKEDID_END" in str(
        mariadb.execute(
            f"SELECT eventtype FROM cel WHERE linkedid = '{ann.linkedid}'",
            database=asterisk.database,
        )
    )
    assert asterisk.rows(bo)[0][0] == BO
    assert f"[{ann.exten}@from-trunk:1]" in asterisk.full_log.read_text()


def test_a_call_passed_on_hides_the_caller_in_one_leg(fresh_asterisk: Asterisk) -> None:
    call = fresh_asterisk.originate(ANN, "220")
    sources = [row[0] for row in fresh_asterisk.rows(call)]
    assert len(sources) == 3
    assert sources.count(ANN) == 2


def test_the_queue_log_names_the_caller(fresh_asterisk: Asterisk) -> None:
    asterisk = fresh_asterisk
    answered = asterisk.queue_call(ANN)
    given_up = asterisk.queue_call(BO, answered=False)
    lines = [line.split("|") for line in asterisk.queue_log.read_text().splitlines()]
    told = {call: [x[4] for x in lines if x[1] == call.uniqueid] for call in (answered, given_up)}
    assert told[answered] == ["ENTERQUEUE", "CONNECT", "COMPLETEAGENT"]
    assert told[given_up] == ["ENTERQUEUE", "RINGCANCELED", "ABANDON"]
    assert [line[6] for line in lines if line[4] == "ENTERQUEUE"] == [ANN, BO]


@pytest.mark.slow
def test_messages_are_counted_and_played_and_the_list_survives_a_gap(
    fresh_asterisk: Asterisk,
) -> None:
    asterisk = fresh_asterisk
    left = [asterisk.leave_voicemail(who, name="Visitor") for who in (ANN, BO, ANN)]
    assert [path.name for path in left] == ["msg0000.txt", "msg0001.txt", "msg0002.txt"]
    parts = {path.name for path in asterisk.inbox.glob("msg0001.*")}
    assert parts == {"msg0001.txt", "msg0001.wav", "msg0001.WAV"}
    assert f'callerid="Visitor" <{BO}>\n' in left[1].read_text()
    assert asterisk.voicemail_count() == (3, 0)
    assert "Help Desk" in asterisk.cli("voicemail show users")

    for path in asterisk.inbox.glob("msg0001.*"):
        path.unlink()
    assert asterisk.voicemail_count() == (2, 0)
    heard = asterisk.listen_voicemail()
    assert heard.new == 2
    assert heard.played == ["INBOX/msg0000", "INBOX/msg0001"]
    assert asterisk.voicemail_count() == (0, 2)
    with pytest.raises(PermissionError):
        asterisk.listen_voicemail(pin="9999")


def test_a_mailbox_made_empty_says_so(fresh_asterisk: Asterisk) -> None:
    asterisk = fresh_asterisk
    asterisk.leave_voicemail(ANN, seconds=1)
    for path in asterisk.inbox.iterdir():
        path.unlink()
    heard = asterisk.listen_voicemail()
    assert (heard.new, heard.old, heard.played) == (0, 0, [])


@pytest.mark.slow
def test_calls_and_messages_can_be_made_old(fresh_asterisk: Asterisk, mariadb: MariaDB) -> None:
    asterisk = fresh_asterisk
    old, new = asterisk.queue_call(ANN), asterisk.originate(ANN)
    message = asterisk.leave_voicemail(ANN)
    recording = age_call(asterisk, old, LONG_AGO)
    age_voicemail(message, LONG_AGO)

    assert recording is not None
    assert recording.parent == asterisk.monitor_dir / "2023" / "05" / "04"
    assert "-20230504-100000-" in recording.name
    assert recording.stat().st_mtime == LONG_AGO.timestamp()
    assert recording.name in {row[4] for row in asterisk.rows(old)}
    dates = "SELECT DISTINCT linkedid FROM {} WHERE {} < '2024-01-01'"
    for table, column in (("cdr", "calldate"), ("cel", "eventtime")):
        found = mariadb.execute(dates.format(table, column), database=asterisk.database)
        assert found == [(old.linkedid,)]
    assert f"{int(LONG_AGO.timestamp())}|{old.uniqueid}|" in asterisk.queue_log.read_text()
    assert f"origtime={int(LONG_AGO.timestamp())}\n" in message.read_text()
    assert asterisk.recording(new) is not None
    assert asterisk.listen_voicemail().played == ["INBOX/msg0000"]


def test_two_exchanges_do_not_meet_and_one_can_be_killed(
    fresh_asterisk: Asterisk, mariadb: MariaDB
) -> None:
    with Asterisk(mariadb, database="second_exchange") as second:
        call = second.originate(BO)
        assert not any(BO in str(path) for path in fresh_asterisk.spool.rglob("*"))
        second.kill()
        second.start()
        assert second.recording(call) is not None
        assert len(second.rows(second.originate(ANN))) == 2
        folder = second.folder
    assert not folder.exists()
    fresh_asterisk.originate(ANN)


def test_calls_are_recorded_again_after_the_database_went_away(
    fresh_asterisk: Asterisk, mariadb: MariaDB
) -> None:
    mariadb.kill()
    mariadb.start()
    assert len(fresh_asterisk.rows(fresh_asterisk.originate(ANN))) == 2
