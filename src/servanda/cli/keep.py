"""What `servanda serve` becomes: the process that keeps a server alive, without the weight of the
command line. It is not meant to be called by hand."""

from __future__ import annotations

import sys

from servanda.runtime.keeper import Keeper, Place


def main(folder: str) -> int:
    return Keeper(lambda place: _server(folder, place)).keep()


def _server(folder: str, place: Place) -> int:
    """In a process of its own, which may load what it needs."""
    import logging
    from pathlib import Path

    from servanda.kernel.errors import ServandaError
    from servanda.runtime.serving import serve

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    try:
        return serve(Path(folder), _ready, place)
    except ServandaError as error:
        from servanda.cli.output import complain

        complain(error)
        return error.exit


def _ready(address: str) -> None:
    print(f"serving {address}  (console: {address}/console/, portal: {address}/privacy/)")
    print('invite somebody:  servanda invite EMAIL --name "NAME" --role owner', flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
