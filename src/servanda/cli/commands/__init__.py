"""One file a command. Each imports what is heavy inside its function, so that help is fast."""
