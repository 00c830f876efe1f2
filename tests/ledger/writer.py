"""A process that appends until it is done or killed: `writer URL NAME BATCHES SIZE`.

Every entry has a companion row of the same transaction; after each commit it prints the batch.
"""

import sys

from servanda import ledger, state
from servanda.kernel.errors import ServandaError


def main() -> None:
    url, name, batches, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    state.setup(url)
    from servanda.state.models import Fact

    for batch in range(batches):
        entries = [
            {"kind": "census", "writer": name, "number": batch * size + each}
            for each in range(size)
        ]
        try:
            with state.transaction():
                ledger.append(entries)
                Fact.objects.create(key=f"{name} {batch}", value=str(size))
        except ServandaError as error:
            print(f"refused: {error}", flush=True)
            sys.exit(error.exit)
        print(batch, flush=True)


if __name__ == "__main__":
    main()
