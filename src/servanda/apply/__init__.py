"""Applies plans: claim, window, record, confirm, resume."""
