"""Controls, checks and verdicts."""
