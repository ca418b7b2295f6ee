"""For tests of plugins, ours and other people's; nothing of it runs in production.

Here is a world for them to run in; `agents` and `transports` hold what each agent and each transport has to keep, as
tests, and `template` makes a new plugin.
"""

from kernel.testing.world import NOON as NOON
from kernel.testing.world import FakeTransport as FakeTransport
from kernel.testing.world import ManualClock as ManualClock
from kernel.testing.world import World as World
from kernel.testing.world import idle as idle
from kernel.testing.world import name_of as name_of
