from tests.cli.conftest import cli
from tests.state.databases import each_state, sqlite_state

__all__ = ["cli", "each_state", "sqlite_state"]
