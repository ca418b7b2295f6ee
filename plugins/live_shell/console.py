"""`switchboard console`: `jupyter console --existing` on the open shell, with a Ctrl-C that reaches the cell.

The stock console interrupts by a signal to a process that it has started, and so nothing that it is attached to.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path
from typing import Any, Final

from kernel.arguments import path

NEEDED: Final = ("jupyter_console", "ipykernel")


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The command `console`."""
    parser = subcommands.add_parser(
        "console",
        help="open a terminal on the shell that is open in the running process",
        description="Attach a terminal to the shell that OpenLiveShell has opened. Ctrl-C interrupts the cell; exit "
        "leaves the shell open. What follows `--` is for jupyter console.",
    )
    parser.add_argument("--data", type=path, required=True, metavar="DIR", help="the data folder of `switchboard run`")
    parser.add_argument("console", nargs="*", metavar="OPTION", help="given to jupyter console")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    """Becomes the console; comes back only when it cannot, with 1."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    file: Path = options.data / "live_shell" / "connection.json"
    if missing:
        why = f"{' and '.join(missing)} not installed here; in the project: pip install '.[jupyter]'"
    elif not file.exists():
        why = f"no shell is open ({file} is not there); the command OpenLiveShell opens one, in --data"
    else:
        arguments = ["-P", "-m", __name__, "--existing", str(file), *options.console]
        os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - it is the person's own command line
    sys.stderr.write(f"switchboard console: {why}\n")
    return 1


def main() -> None:
    """The console itself, in a process of its own."""
    from jupyter_console.app import ZMQTerminalIPythonApp

    class Attached(ZMQTerminalIPythonApp):  # type: ignore[misc]  # which is not typed
        """Interrupts by a message, which the shell in the process answers for its own thread alone."""

        def handle_sigint(self, *_: object) -> None:
            if not self.shell._executing:
                raise KeyboardInterrupt  # a new prompt
            client = self.kernel_client
            client.control_channel.send(client.session.msg("interrupt_request", {}))

    Attached.launch_instance()


if __name__ == "__main__":
    main()
