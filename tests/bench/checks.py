"""What it costs to hold a copy against the state: one check of a thousand rows, wherever in a large state it lies."""

from __future__ import annotations

from time import process_time
from typing import Final

from kernel.checks import Round
from kernel.codec import encode
from tests.bench.figures import Figure, report
from webui.tools.scene.script import Script

BOTS: Final = 10_000
TASKS: Final = 100_000
CHATS: Final = 20_000


def main() -> None:
    script = Script(seed=1)
    script.open(BOTS, TASKS, CHATS)
    state = script.state
    goes, costs, checked = Round(state), list[float](), 0
    rows = sum(len(table) for table in state.tables)
    while checked < rows:
        began = process_time()
        checks = goes.next()
        costs.append((process_time() - began) * 1_000)
        checked += sum(check.count for check in checks)
    began = process_time()
    for table in state.tables:
        encode(table.rows())
    whole = (process_time() - began) * 1_000
    report(
        f"checks of a state of {rows:,} rows: {len(costs)} are a round",
        [Figure("one check, a thousand rows", costs, "ms"), Figure("encoding the whole state once", [whole], "ms")],
    )
