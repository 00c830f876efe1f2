"""What the public meets of consents: the banner's choices, receipts, preferences, unsubscribing."""
