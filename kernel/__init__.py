"""The microkernel: one order of events, the state they fold to, one handler per command, plugins around them."""

from typing import Final

DISTRIBUTION: Final = "steam-switchboard-client"
"""What the kernel is installed with; the program, `steam-switchboard`, has the same version."""
