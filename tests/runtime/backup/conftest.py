from tests.cli.conftest import cli, firm

__all__ = ["cli", "firm"]
