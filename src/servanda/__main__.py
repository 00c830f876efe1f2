"""`python -m servanda`."""

from servanda.cli.main import main

main()
