"""The one database the product owns: setup, migrations, transactions. Models: `state.models`.

    state.setup("sqlite:////srv/acme/state.sqlite3")
    state.migrate()
    with state.transaction():
        ...

Importing this package does not import Django; `setup` does.
"""

from servanda.state.connection import StateFailed, close, close_thread, setup, transaction
from servanda.state.migrate import migrate

__all__ = ["StateFailed", "close", "close_thread", "migrate", "setup", "transaction"]
