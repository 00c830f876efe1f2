"""The WordPress pack on a real WordPress: enquiries, contacts, comments, accounts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from servanda.runtime.workspace import Workspace
from tests.packs.company import BEFORE_TEN_YEARS, LATELY, LONG_AGO, company, look, sweep
from tests.services.wordpress import WordPress

pytestmark = [pytest.mark.services]

ANN, BO, CY = "ann@client.example", "bo@client.example", "cy@client.example"
REVISE = """
add_post_type_support('flamingo_inbound', 'revisions');
wp_update_post(['ID' => $in['id'], 'post_content' => 'edited ' . $in['email']]);
return count(wp_get_post_revisions($in['id']));
"""


def website(site: WordPress, folder: Path) -> Workspace:
    return company(folder / "jtec", website=("wordpress", site.database_url))


def rows(site: WordPress, statement: str) -> list[tuple[Any, ...]]:
    return site.mariadb.execute(statement, database=site.database)


def mentions(site: WordPress, text: str) -> dict[str, int]:
    """In how many rows of which table a text still stands."""
    found: dict[str, int] = {}
    for (table,) in rows(site, "SHOW TABLES"):
        count = sum(text in " ".join(map(str, row)) for row in rows(site, f"SELECT * FROM {table}"))
        if count:
            found[str(table)] = count
    return found


def orphans(site: WordPress) -> list[int]:
    """Meta rows, terms and revisions whose owner is gone."""
    return [
        int(rows(site, f"SELECT count(*) FROM {statement}")[0][0])
        for statement in (
            "wp_postmeta WHERE post_id NOT IN (SELECT ID FROM wp_posts)",
            "wp_commentmeta WHERE comment_id NOT IN (SELECT comment_ID FROM wp_comments)",
            "wp_usermeta WHERE user_id NOT IN (SELECT ID FROM wp_users)",
            "wp_term_relationships WHERE object_id NOT IN (SELECT ID FROM wp_posts)",
            "wp_posts c WHERE post_parent > 0 AND NOT EXISTS "
            "(SELECT 1 FROM wp_posts p WHERE p.ID = c.post_parent)",
        )
    ]


def test_a_plain_site_has_nothing_undeclared(fresh_wordpress: WordPress, tmp_path: Path) -> None:
    with website(fresh_wordpress, tmp_path) as workspace:
        found = look(workspace)
    assert found.complete, found.entry()


def test_enquiries_go_when_dealt_with_or_old_unless_news_were_wanted(
    fresh_wordpress: WordPress, tmp_path: Path
) -> None:
    site = fresh_wordpress
    closed = site.add_enquiry("Ann Other", ANN, "It is slow", LATELY, closed=LATELY)
    old = site.add_enquiry("Ann Other", ANN, "Quote for ten", LONG_AGO)
    wanted = site.add_enquiry("Bo Third", BO, "Send me news", LONG_AGO, marketing=True)
    wanted_closed = site.add_enquiry(
        "Bo Third", BO, "All done", LONG_AGO, marketing=True, closed=LATELY
    )
    new = site.add_enquiry("Cy Fourth", CY, "A new one", LATELY)
    trashed = site.add_enquiry("Ann Other", ANN, "Thrown away", LONG_AGO)
    site.php("return wp_trash_post($in['id'])->ID;", id=trashed)
    assert site.php(REVISE, id=old, email=ANN) > 0
    before = mentions(site, ANN)
    assert before["wp_posts"] >= 4
    assert before["wp_postmeta"] > 4
    kept = rows(site, f"SELECT * FROM wp_postmeta WHERE post_id IN ({wanted}, {new})")

    with website(site, tmp_path) as workspace:
        counts, _ = sweep(workspace)

    assert counts["website.enquiries"] == 4
    left = {int(row[0]) for row in rows(site, "SELECT ID FROM wp_posts")}
    assert not left & {closed, old, wanted_closed, trashed}
    assert {wanted, new} <= left
    assert rows(site, f"SELECT * FROM wp_postmeta WHERE post_id IN ({wanted}, {new})") == kept
    assert orphans(site) == [0, 0, 0, 0, 0]
    # Her address stays in the list of contacts until she has been silent for twelve months.
    assert set(mentions(site, ANN)) == {"wp_posts", "wp_postmeta"}
    assert rows(site, f"SELECT post_type FROM wp_posts WHERE post_title = '{ANN}'") == [
        ("flamingo_contact",)
    ]
    assert mentions(site, BO)
    assert site.get("/").status == 200


def test_a_contact_goes_when_dealt_with_or_silent_for_a_year(
    fresh_wordpress: WordPress, tmp_path: Path
) -> None:
    site = fresh_wordpress
    site.add_enquiry("Ann Other", ANN, "Long ago", LONG_AGO)
    site.add_enquiry("Bo Third", BO, "Long ago", LONG_AGO)
    site.add_enquiry("Bo Third", BO, "And again", LATELY)
    site.add_enquiry("Cy Fourth", CY, "Done with", LATELY, closed=LATELY)
    site.php(
        "foreach (get_posts(['post_type' => 'flamingo_contact', 'title' => $in['email']]) as $c)"
        " update_post_meta($c->ID, '_closed', $in['when']); return true;",
        email=CY,
        when=f"{LATELY:%Y-%m-%d %H:%M:%S}",
    )
    with website(site, tmp_path) as workspace:
        counts, _ = sweep(workspace)
    assert counts["website.contacts"] == 2
    assert mentions(site, ANN) == {}
    assert mentions(site, CY) == {}
    assert mentions(site, BO)
    assert orphans(site) == [0, 0, 0, 0, 0]


def test_comments_go_with_their_traces_and_the_counts_are_right(
    fresh_wordpress: WordPress, tmp_path: Path
) -> None:
    site = fresh_wordpress
    old = site.add_comment("Ann Other", ANN, "First", when=BEFORE_TEN_YEARS, ip="198.51.100.7")
    reply = site.add_comment("Bo Third", BO, "Reply", reply_to=old, when=LATELY)
    nested = site.add_comment("Cy Fourth", CY, "Reply to it", reply_to=reply, when=LATELY)
    spam = site.add_comment("Ann Other", ANN, "Buy", when=BEFORE_TEN_YEARS)
    note = site.add_comment("The Shop", CY, "Order 7", when=BEFORE_TEN_YEARS)
    site.php(
        "wp_spam_comment($in['id']); add_comment_meta($in['old'], 'rating', 'by ' . $in['who']);"
        " return true;",
        id=spam,
        old=old,
        who=ANN,
    )
    rows(site, f"UPDATE wp_comments SET comment_type = 'order_note' WHERE comment_ID = {note}")
    assert site.comment_count() == 5
    assert mentions(site, "198.51.100.7") == {"wp_comments": 1}

    with website(site, tmp_path) as workspace:
        counts, _ = sweep(workspace)

    assert counts["website.comments"] == 2
    assert rows(site, "SELECT comment_ID, comment_parent FROM wp_comments ORDER BY 1")[-3:] == [
        (reply, 0),  # the comment it answered is gone, so it stands for itself
        (nested, reply),
        (note, 0),
    ]
    assert mentions(site, "198.51.100.7") == {}
    assert orphans(site) == [0, 0, 0, 0, 0]
    count = site.comment_count()
    assert count == 4
    assert site.php("wp_update_comment_count_now(1); return (int) get_comments_number(1);") == count
    page = site.get("/?p=1")
    assert page.status == 200
    assert "Bo Third" in page.text
    assert "Ann Other" not in page.text
    added = site.rest("POST", "/wp/v2/comments", {"post": 1, "content": "Hello", "parent": reply})
    assert added.status == 201
    assert site.comment_count() == count + 1


def test_accounts_of_visitors_go_and_those_that_run_the_site_stay(
    fresh_wordpress: WordPress, tmp_path: Path
) -> None:
    site = fresh_wordpress
    old = site.add_user("Ann Other", ANN, when=BEFORE_TEN_YEARS)
    new = site.add_user("Bo Third", BO, when=LATELY)
    editor = site.add_user("Cy Fourth", CY, role="editor", when=BEFORE_TEN_YEARS)
    rows(site, f"UPDATE wp_users SET user_registered = '{BEFORE_TEN_YEARS:%F %T}' WHERE ID = 1")
    session = "wp_set_current_user($in['id']); return WP_Session_Tokens::get_instance($in['id'])"
    site.php(f"{session}->create(time() + 3600) !== '';", id=old)
    said = site.add_comment("Ann Other", ANN, "Mine", when=LATELY, user_id=old)
    assert "wp_usermeta" in mentions(site, "Ann")
    assert rows(
        site, f"SELECT 1 FROM wp_usermeta WHERE user_id = {old} AND meta_key = 'session_tokens'"
    )

    with website(site, tmp_path) as workspace:
        counts, _ = sweep(workspace)

    assert counts["website.users"] == 1
    assert [row[0] for row in rows(site, "SELECT ID FROM wp_users ORDER BY ID")] == [
        1,
        new,
        editor,
    ]
    assert orphans(site) == [0, 0, 0, 0, 0]
    assert rows(site, f"SELECT user_id FROM wp_comments WHERE comment_ID = {said}") == [(0,)]
    assert site.rest("GET", "/wp/v2/users/me").json()["name"] == "admin"
    assert site.rest("GET", f"/wp/v2/users/{new}").status == 200


def test_an_enquiry_without_a_date_is_shown_and_kept(
    fresh_wordpress: WordPress, tmp_path: Path
) -> None:
    site = fresh_wordpress
    draft = site.add_enquiry("Ann Other", ANN, "No date", datetime.now(UTC) - timedelta(days=900))
    rows(site, f"UPDATE wp_posts SET post_date_gmt = '0000-00-00 00:00:00' WHERE ID = {draft}")
    with website(site, tmp_path) as workspace:
        _, outcome = sweep(workspace)
    assert rows(site, f"SELECT ID FROM wp_posts WHERE ID = {draft}")
    recount = next(r for r in outcome.recounts if r.collection == "website.enquiries")
    assert (recount.total, recount.unstarted) == (1, 1)
