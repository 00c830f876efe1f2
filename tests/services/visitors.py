"""What people leave behind in a WordPress site: accounts, comments, enquiries."""

import hashlib
import re
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Any

ADD_COMMENT = """
$in['comment_date'] = $in['comment_date_gmt'];  // the site's clock is UTC
return wp_insert_comment(wp_slash($in));
"""

# `_fields` names the form's fields with no value; each value stands in its own `_field_` row.
ADD_POST = """
$id = wp_insert_post(wp_slash($in['post']), true);
if (is_wp_error($id)) return $id;
foreach ($in['meta'] as $key => $value) update_post_meta($id, sanitize_key($key), wp_slash($value));
if ($in['channel']) {
    $parent = term_exists('contact-form-7', 'flamingo_inbound_channel')
        ?: wp_insert_term('Contact Form 7', 'flamingo_inbound_channel',
            ['slug' => 'contact-form-7']);
    $channel = term_exists('contact', 'flamingo_inbound_channel', (int) $parent['term_id'])
        ?: wp_insert_term('Contact', 'flamingo_inbound_channel',
            ['slug' => 'contact', 'parent' => (int) $parent['term_id']]);
    wp_set_object_terms($id, (int) $channel['term_id'], 'flamingo_inbound_channel');
}
return $id;
"""

FIND_CONTACT = """
$found = get_posts(['post_type' => 'flamingo_contact', 'post_status' => 'any',
    'meta_key' => '_email', 'meta_value' => $in['email']]);
if (!$found) return 0;
$known = get_post_meta($found[0]->ID, '_last_contacted', true);
update_post_meta($found[0]->ID, '_last_contacted', max($known, $in['when']));
return $found[0]->ID;
"""

MARKETING_WORDS = "I agree to receive news and offers."


class Visitors(ABC):
    """The part of a site that people fill; `when` is any moment, now unless given."""

    url: str

    @abstractmethod
    def php(self, code: str, **data: Any) -> Any:
        """Run PHP inside WordPress and return what the code returns; `data` is its `$in`."""

    def add_user(
        self, name: str, email: str, *, role: str = "subscriber", when: datetime | None = None
    ) -> int:
        """Register an account (login: what stands before the @) and return its id."""
        first, _, last = name.partition(" ")
        account: dict[str, Any] = {
            "user_login": email.partition("@")[0],
            "user_email": email,
            "user_pass": "not used by anyone",
            "first_name": first,
            "last_name": last,
            "display_name": name,
            "role": role,
            "user_registered": _stamp(when),
        }
        return int(self.php("return wp_insert_user(wp_slash($in));", **account))

    def add_comment(
        self,
        name: str,
        email: str,
        text: str,
        *,
        post: int = 1,
        reply_to: int = 0,
        when: datetime | None = None,
        user_id: int = 0,
        ip: str = "192.0.2.10",
    ) -> int:
        """Leave an approved comment, or a reply to one, and return its id."""
        comment: dict[str, Any] = {
            "comment_post_ID": post,
            "comment_parent": reply_to,
            "comment_author": name,
            "comment_author_email": email,
            "comment_author_IP": ip,
            "comment_agent": "Mozilla/5.0 (test)",
            "comment_content": text,
            "comment_approved": 1,
            "comment_date_gmt": _stamp(when),
            "user_id": user_id,
        }
        return int(self.php(ADD_COMMENT, **comment))

    def add_enquiry(
        self,
        name: str,
        email: str,
        message: str,
        when: datetime | None = None,
        *,
        subject: str = "Enquiry",
        marketing: bool = False,
        closed: datetime | None = None,
        ip: str = "192.0.2.10",
    ) -> int:
        """Store what Flamingo keeps of a contact form: the message and, once a person, the contact.

        The shape (post types, post content, meta rows, channel terms) follows the published
        source of Flamingo and of Contact Form 7. It is not verified against the plugin, which
        Debian does not package. `_closed` (UTC) is no part of Flamingo, which has no such notion:
        it stands for the meta row by which the provider's own desk marks an enquiry as dealt
        with. Returns the id of the message.
        """
        fields: dict[str, Any] = {
            "your-name": name,
            "your-email": email,
            "your-subject": subject,
            "your-message": message,
            "marketing": "1" if marketing else "",
        }
        consent = {"marketing": MARKETING_WORDS} if marketing else {}
        stamp = _stamp(when)
        about: dict[str, Any] = {
            "serial_number": 1,
            "remote_ip": ip,
            "user_agent": "Mozilla/5.0 (test)",
            "url": f"{self.url}/contact/",
            "date": stamp[:10],
            "time": stamp[11:16],
            "post_id": "2",
            "post_name": "contact",
            "post_title": "Contact",
            "post_url": f"{self.url}/contact/",
            "post_author": "admin",
            "post_author_email": "admin@msp.example",
            "site_title": "Example IT",
            "site_description": "",
            "site_url": self.url,
            "site_admin_email": "admin@msp.example",
            "user_login": "",
            "user_email": "",
            "user_display_name": "",
        }
        said = [str(value) for part in (fields, consent, about) for value in part.values()]
        meta: dict[str, Any] = {
            "_submission_status": "mail_sent",
            "_subject": subject,
            "_from": f"{name} <{email}>",
            "_from_name": name,
            "_from_email": email,
            **{f"_field_{key}": value for key, value in fields.items()},
            "_fields": dict.fromkeys(fields),
            "_meta": about,
            "_akismet": "",
            "_recaptcha": [],
            "_spam_log": [],
            "_consent": consent,
            "_hash": hashlib.md5("".join(said).encode(), usedforsecurity=False).hexdigest(),
        }
        if closed is not None:
            meta["_closed"] = _stamp(closed)
        self._add_contact(name, email, stamp)
        return self._add_post("flamingo_inbound", subject, said, stamp, meta)

    def _add_contact(self, name: str, email: str, stamp: str) -> None:
        if not self.php(FIND_CONTACT, email=email, when=stamp):
            meta = {"_email": email, "_name": name, "_props": [], "_last_contacted": stamp}
            self._add_post("flamingo_contact", email, [email, name], stamp, meta)

    def _add_post(
        self, kind: str, title: str, lines: list[str], stamp: str, meta: dict[str, Any]
    ) -> int:
        post = {
            "post_type": kind,
            "post_status": "publish",
            "post_title": title,
            "post_content": "\n".join(line.strip() for line in lines if line.strip()),
            "post_date": stamp,
            "post_date_gmt": stamp,
        }
        if kind == "flamingo_contact":
            post["post_name"] = re.sub("@", "-", title)
        return int(self.php(ADD_POST, post=post, meta=meta, channel=kind == "flamingo_inbound"))


def _stamp(when: datetime | None) -> str:
    return (when or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
