"""The workspace's master key: where it comes from, and how it is changed."""
