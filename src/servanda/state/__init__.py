"""The one database the product owns."""
