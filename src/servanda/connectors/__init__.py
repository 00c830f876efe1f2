"""One folder per kind of store; siblings do not know each other."""
