from tests.state.databases import each_state

__all__ = ["each_state"]
