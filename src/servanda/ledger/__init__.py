"""Evidence: a Merkle log of what was decided and done."""
