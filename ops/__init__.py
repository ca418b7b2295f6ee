"""What runs Switchboard on a server, and what watches it there."""
