"""Controls, checks and verdicts, computed from ledger entries alone.

Nothing here opens a store or a database: `board(entries, as_of)` is a pure function of the
evidence, so a stranger who holds only an evidence bundle computes the same board.
"""

from servanda.status.board import Board, Row, board
from servanda.status.verdict import Verdict

__all__ = ["Board", "Row", "Verdict", "board"]
