"""The third face: what the company's own sites ask and show."""
