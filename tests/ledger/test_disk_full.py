"""The disk of the state database fills up: a plain error, and nothing recorded is lost."""

from collections.abc import Iterator

import pytest

from servanda import ledger, state
from servanda.ledger.signer import Signer

BATCH = [{"kind": "census", "padding": "x" * 200, "number": number} for number in range(100)]


@pytest.fixture
def small_disk(sqlite_state: str) -> Iterator[None]:
    """SQLite allowed no more than a few pages: it fails as it does on a full disk."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 20}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1000000000")


@pytest.mark.usefixtures("small_disk")
def test_a_full_disk_loses_nothing(signer: Signer) -> None:
    from django.db import connection

    from servanda.state.models import Fact

    done = 0
    with pytest.raises(state.StateFailed) as refused:
        while True:
            with state.transaction():
                Fact.objects.create(key=str(done), value="")
                ledger.append(BATCH)
            done += 1
    assert done >= 1
    assert "disk" in str(refused.value)
    assert "full" in str(refused.value)
    assert "make room" in refused.value.remedy
    assert Fact.objects.count() == done
    assert ledger.proofs.size() == done * len(BATCH)

    with connection.cursor() as cursor:  # room again
        cursor.execute("PRAGMA max_page_count = 1000000000")
    assert ledger.append(BATCH) == range(done * 100, done * 100 + 100)
    ledger.checkpoint.make(signer)
    assert ledger.live.verify(signer.vkey).findings == []
