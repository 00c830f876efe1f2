"""Policy × stores: what is mapped, undeclared, missing, drifted."""
