"""What the console, the portal and the API are told by servanda.toml, section [web]."""

from __future__ import annotations

import os.path
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from servanda.kernel.errors import UsageError

_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`listen`: address and port on this machine. `url`: what people type; with `https://` the
    pages are served as a reverse proxy with TLS stands in front, and cookies are for TLS alone.
    `proxies`: addresses of that proxy, whose word about the caller's address is believed; blank
    with `https://` and a `listen` on this machine alone: this machine.

    `idle_minutes`: a session without a click ends. `task_minutes`: how long a stated purpose
    holds. `four_eyes`: who made a plan, or decided an erasure, may not be the one to approve it.
    `hide_promises`: ids that the public board leaves out. `sites`: origins of the company's own
    website, which may embed the enquiry form; those of `banner.sites` are looked at there, also
    inside your network. `oidc_*`: sign-in with the company's own provider.
    `enquiries`: the database of the website's enquiries. `webhooks_inside`: whether webhooks may
    go to addresses inside your network.
    `store_hosts`: hosts ("db.example.com", "db.example.com:5432") and folders ("/srv/data") that
    stores may name when they are edited in a page, besides those they use already.
    """

    listen: str = "127.0.0.1:8460"
    url: str = ""
    proxies: tuple[str, ...] = ()
    idle_minutes: int = 30
    task_minutes: int = 60
    four_eyes: bool = False
    hide_promises: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    enquiries: str = "sqlite:///.servanda/enquiries.sqlite3"
    oidc_name: str = ""
    oidc_server: str = ""
    oidc_client: str = ""
    oidc_secret: str = field(default="", repr=False)
    webhooks_inside: bool = False
    store_hosts: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    @property
    def address(self) -> str:
        """Where people find it, without a slash at the end."""
        return self.url.rstrip("/") or f"http://{self.listen}"

    @property
    def secure(self) -> bool:
        return self.address.startswith("https://")


def check_web(name: str, settings: WebSettings) -> None:
    """UsageError for an address that is none."""
    host, colon, port = settings.listen.rpartition(":")
    if not (colon and host and port.isdigit() and 0 < int(port) < 65_536):
        raise UsageError(
            f'{name}: web.listen "{settings.listen[:60]}" is no address and port',
            'write it as "127.0.0.1:8460"',
        )
    for each in settings.store_hosts:
        whole = each.startswith("/") and each == os.path.normpath(each) and each != "/"
        if not whole and not _HOST.fullmatch(each):
            raise UsageError(
                f'{name}: web.store_hosts: "{each[:80]}" is no host and no folder',
                'write "db.example.com", "db.example.com:5432", or a whole path like "/srv/data"',
            )
    for key, value in (("url", settings.url), *(("sites", each) for each in settings.sites)):
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise UsageError(
                f'{name}: web.{key} "{value[:80]}" is no web address',
                'write it as "https://privacy.example.com"',
            )
        if value and (parts.path.strip("/") or parts.query or parts.fragment):
            raise UsageError(
                f"{name}: web.{key} must be an address without a path", "leave out what follows it"
            )
