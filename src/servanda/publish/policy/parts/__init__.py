"""What each section says. Each function takes a `Making` and gives the section, or None."""
