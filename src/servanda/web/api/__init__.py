"""The API: what the console does, for programs."""
