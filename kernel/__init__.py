"""The microkernel: one order of events, the state they fold to, one handler per command, plugins around them."""
