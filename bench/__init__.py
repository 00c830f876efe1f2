"""Measurements. `python -m bench NAME [--json]`; `python -m bench` lists the names.

Every bench is a module with `run() -> dict`, measures its baseline in the same run, and says which
targets were reached. Sizes shrink for a quick look:
SERVANDA_BENCH_ROWS=30000 python -m bench sweep
"""
