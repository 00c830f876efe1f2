"""What the company's own sites and their visitors use: the banner, choices, preferences."""
