from tests.state.databases import each_state, sqlite_state

__all__ = ["each_state", "sqlite_state"]
