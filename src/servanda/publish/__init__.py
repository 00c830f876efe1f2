"""What a person gets back: a package of their data, a signed receipt, a letter."""
