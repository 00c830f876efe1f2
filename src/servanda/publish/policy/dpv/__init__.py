"""The published policy in terms of the W3C Data Privacy Vocabulary."""
