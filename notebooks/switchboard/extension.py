"""`%load_ext switchboard`: `sb`, connected as the environment says; the kernel of `switchboard jupyter` begins so."""

from __future__ import annotations

import sys
from typing import Any

from switchboard.client import connect_sync
from switchboard.errors import ClientError

NAME = "sb"


class Joining:
    """Connects, at once or before the first cell that finds the system there."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def begin(self) -> None:
        """Try now, and say nothing of a failure: there is nobody yet to read it."""
        try:
            self._join()
        except ClientError:
            self._shell.events.register("pre_run_cell", self.before)

    def before(self, _: object) -> None:
        """Try again before this cell, and say in its output why there is no `sb` yet."""
        try:
            self._join()
        except ClientError as error:
            sys.stderr.write(f"{NAME} is not connected: {error}\n")
        else:
            self._shell.events.unregister("pre_run_cell", self.before)

    def _join(self) -> None:
        if NAME not in self._shell.user_ns:
            self._shell.push({NAME: connect_sync().awaiting()})


def load_ipython_extension(shell: Any) -> None:
    """Called by IPython. `sb` is made only where there is no such name."""
    Joining(shell).begin()
