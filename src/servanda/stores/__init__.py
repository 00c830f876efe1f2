"""What a store is to us: mapping model and connector port. No I/O."""
