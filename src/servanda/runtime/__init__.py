"""Composition root: workspace, registries, dispatch."""
