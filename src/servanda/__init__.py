"""Keeps the privacy policy of an IT service provider in the systems where the data lies."""

__version__ = "0.1.0"
