"""Imports the product once and forks a process for each order on stdin: `python -m tests.chaos.forkserver`.

An order is a JSON line with `arguments`, `log` and `environment`; the answer is the pid. What runs in the fork is
`kernel.__main__.main(arguments)`, the same as `switchboard ARGUMENTS`, unless the variable `CHAOS_MUTANT` names a
promise that is to be broken.
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import sys
from typing import NoReturn

from kernel.__main__ import main as switchboard
from kernel.hosting.library import find
from tests.chaos import mutants


def serve() -> None:
    """Fork until stdin ends."""
    find()  # imports every plugin
    if mutant := os.environ.get("CHAOS_MUTANT"):
        mutants.apply(mutant)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them here: they are watched by their pidfd
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            run(order)
        print(pid, flush=True)


def run(order: dict[str, object]) -> NoReturn:
    """Become what was ordered."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    log = os.open(str(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    environment, arguments = order["environment"], order["arguments"]
    assert isinstance(environment, dict)
    assert isinstance(arguments, list)
    os.environ.update(environment)
    random.seed()
    try:
        status = switchboard(arguments)
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    serve()
