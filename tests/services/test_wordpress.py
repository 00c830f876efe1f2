"""Shows that WordPress really runs and that it sees what was put into it."""

from datetime import UTC, datetime

import pytest

from tests.services.mariadb import MariaDB
from tests.services.wordpress import WordPress

pytestmark = pytest.mark.services

LONG_AGO = datetime(2023, 5, 4, 10, 0, tzinfo=UTC)


def test_the_site_answers_over_http_and_shows_its_comments(fresh_wordpress: WordPress) -> None:
    site = fresh_wordpress
    site.add_comment("Ann Other", "ann@client.example", "It's the \\ key", when=LONG_AGO)
    page = site.get("/?p=1")
    assert page.status == 200
    assert "Ann Other" in page.text
    assert "May 4, 2023" in page.text
    assert site.get("/?p=999").status == 404


def test_wordpress_counts_threads_and_rest_deletes_as_the_administrator(
    fresh_wordpress: WordPress,
) -> None:
    site = fresh_wordpress
    assert site.comment_count() == 1
    first = site.add_comment("Ann Other", "ann@client.example", "Call me", when=LONG_AGO)
    reply = site.add_comment("Bo Third", "bo@client.example", "Me too", reply_to=first)
    assert site.comment_count() == 3
    assert site.php("return get_comment($in['id'])->comment_parent;", id=reply) == str(first)

    assert site.rest("DELETE", f"/wp/v2/comments/{first}?force=true").json()["deleted"] is True
    assert site.comment_count() == 2
    assert site.rest("GET", f"/wp/v2/comments/{first}").status == 404
    assert site.rest("GET", f"/wp/v2/comments/{reply}").json()["author_name"] == "Bo Third"


def test_an_account_is_seen_by_the_exporter_of_wordpress(fresh_wordpress: WordPress) -> None:
    site = fresh_wordpress
    user = site.add_user("Ann Other", "ann@client.example", when=LONG_AGO)
    exported = site.php(
        "return wp_user_personal_data_exporter($in['email']);", email="ann@client.example"
    )
    assert exported["data"][0]["item_id"] == f"user-{user}"


def test_an_enquiry_is_a_post_with_meta_rows_and_a_contact(
    fresh_wordpress: WordPress, mariadb: MariaDB
) -> None:
    site = fresh_wordpress
    message = site.add_enquiry(
        "Ann Other", "ann@client.example", "It's slow", LONG_AGO, marketing=True, closed=LONG_AGO
    )
    other = site.add_enquiry("Bo Third", "bo@client.example", "Quote?")
    again = site.add_enquiry("Ann Other", "ann@client.example", "Still slow")
    kinds = mariadb.execute(
        "SELECT post_type, count(*) FROM wp_posts WHERE post_type LIKE 'flamingo%' GROUP BY 1",
        database=site.database,
    )
    assert dict(kinds) == {"flamingo_inbound": 3, "flamingo_contact": 2}

    meta = "return array_map(fn($v) => maybe_unserialize($v[0]), get_post_meta($in['id']));"
    stored = site.php(meta, id=message)
    assert stored["_from"] == "Ann Other <ann@client.example>"
    assert stored["_field_your-message"] == "It's slow"
    assert stored["_field_marketing"] == "1"
    assert stored["_fields"]["your-email"] is None
    assert stored["_meta"]["remote_ip"] == "192.0.2.10"
    assert stored["_closed"] == "2023-05-04 10:00:00"
    assert site.php(meta, id=other)["_field_marketing"] == ""
    assert "_closed" not in site.php(meta, id=again)
    assert site.php("return get_post($in['id'])->post_date_gmt;", id=message) == str(LONG_AGO)[:19]


def test_a_reset_leaves_nothing_behind(fresh_wordpress: WordPress, mariadb: MariaDB) -> None:
    site = fresh_wordpress
    site.add_enquiry("Ann Other", "ann@client.example", "It's slow")
    site.reset()
    rows = mariadb.execute(
        "SELECT count(*) FROM wp_postmeta WHERE meta_value LIKE '%ann@client.example%'",
        database=site.database,
    )
    assert rows == [(0,)]
    assert site.rest("GET", "/wp/v2/users/me").status == 200
