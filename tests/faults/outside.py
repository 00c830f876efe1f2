"""The small company with its mail on a real Dovecot and its customers behind a program."""

from __future__ import annotations

from dataclasses import dataclass, field

from servanda.apply.site import Site
from servanda.runtime.registry import open_store
from servanda.stores.mapping import Limit, StoreConfig
from servanda.stores.port import Store
from tests.apply.world import MAPPING, MASTER, NEW, OLD, POLICY, World
from tests.connectors.command.customers import Crm, customer
from tests.connectors.imap.mailboxes import letter, mapped
from tests.services.dovecot import Dovecot

WINDOW = 10  # records


@dataclass
class OutsideWorld(World):
    """`crm.customers`, and `mail.inbox` where there is an address of a mail account."""

    mail: str = ""
    limit: Limit = field(
        default_factory=lambda: Limit(rows_per_second=4 * WINDOW, breaker_share=1.0, connections=1)
    )

    @property
    def crm(self) -> Crm:
        return Crm(self.folder / "crm")

    @property
    def configs(self) -> dict[str, StoreConfig]:
        stores = {"crm": (self.crm.url, self.crm.collection())}
        if self.mail:
            stores["mail"] = (self.mail, mapped("INBOX"))
        return {
            name: StoreConfig(name, url, limit=self.limit, collections=(collection,))
            for name, (url, collection) in stores.items()
        }

    @property
    def site(self) -> Site:
        def opened(config: StoreConfig, read_only: bool) -> Store:
            return open_store(config, reader=read_only, allow=[str(self.crm.program)])

        return Site(self.configs, opened, POLICY, MAPPING, MASTER, now=lambda: self.now)

    def customers(self, old: int, new: int) -> None:
        moments = [OLD] * old + [NEW] * new
        records = [customer(f"customer-{n:04d}", moment) for n, moment in enumerate(moments)]
        Crm.make(self.crm.folder, records)


def letters(dovecot: Dovecot, user: str, old: int, new: int) -> None:
    """Into the inbox, in an order in which every window has both kinds about it."""
    moments = [OLD if each < old else NEW for each in range(old + new)]
    with dovecot.mail_program(user) as client:
        for number in range(old + new):
            when = moments[number * 7919 % (old + new)]
            stamp = f'"{when:%d-%b-%Y %H:%M:%S +0000}"'
            assert client.append("INBOX", "", stamp, letter(number))[0] == "OK"
