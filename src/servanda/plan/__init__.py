"""Frozen, explainable lists of steps with a digest."""
