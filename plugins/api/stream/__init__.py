"""The event stream: one ring of batches and shared snapshots for all clients, by role, and who is present."""
