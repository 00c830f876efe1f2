"""The policy language: load, locate, check, compile to rules."""
