"""What people decide: legal holds and approvals."""
