"""Measurements, never assertions: each module has a `main()` that prints figures beside a peer where there is one."""
