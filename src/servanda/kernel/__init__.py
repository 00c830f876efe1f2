"""Ground floor: errors, durations, canonical JSON, sealing, predicates. Imports nothing of ours."""
