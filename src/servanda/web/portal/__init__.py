"""Pages for everybody: requests, the policy, the public board. No account."""
