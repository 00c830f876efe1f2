"""Mails as strangers send them."""

from __future__ import annotations

from email.message import EmailMessage


def eml(
    sender: str = "Jo Doe <jo@example.test>",
    subject: str = "My data",
    text: str = "Please erase all that you hold about me.",
    *,
    message: str = "one",
    html: bool = False,
    **headers: str,
) -> bytes:
    """`headers` with _ for -; a value of "" leaves a header out."""
    mail = EmailMessage()
    given = {
        "From": sender,
        "To": "privacy@acme.example",
        "Subject": subject,
        "Date": "Wed, 18 Mar 2026 10:00:00 +0000",
        "Message-ID": f"<{message}@example.test>" if message else "",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    for name, value in given.items():
        if value:
            mail[name] = value
    mail.set_content(text, subtype="html" if html else "plain")
    return mail.as_bytes()
