"""The enquiry form of the company's own website."""
