"""Policy and I/O: one folder a plugin. Each imports `kernel` and nothing of another."""
