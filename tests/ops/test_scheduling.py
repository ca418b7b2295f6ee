"""Workers of pytest-xdist, as far as their scheduler sees them: which of them is told to run what."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from tests.scheduling import TOGETHER, Scheduling

ROOT = Path(__file__).parents[2]
DAY = [f"tests/e2e/test_day.py::test_{number}" for number in range(5)]
OTHERS = [f"tests/kernel/test_bus.py::test_{number}" for number in range(9)]


class Worker:
    """Carries out at once what it is told, and says so when `done`."""

    gateway = Namespace(id="gw")
    shutting_down = False

    def __init__(self, scheduling: Any) -> None:
        self.scheduling = scheduling
        self.told: list[int] = []
        self.ran: list[int] = []
        scheduling.add_node(self)
        scheduling.add_node_collection(self, [*OTHERS, *DAY])

    def send_runtest_some(self, indices: list[int]) -> None:
        self.told += indices

    def shutdown(self) -> None:
        self.shutting_down = True

    def runs_one(self) -> None:
        if self.told:
            self.ran.append(self.told.pop(0))
            self.scheduling.mark_test_complete(self, self.ran[-1])


class Config:
    option = Namespace(loadscopereorder=True)

    def getvalue(self, name: str) -> list[str]:
        return ["popen", "popen"] if name == "tx" else []


def test_what_shares_something_costly_is_one_workers_and_comes_first_and_the_rest_is_spread() -> None:
    scheduling: Any = Scheduling(Config())
    workers = [Worker(scheduling), Worker(scheduling)]
    scheduling.schedule()
    while any(worker.told for worker in workers):
        for worker in workers:
            worker.runs_one()

    ran = [[[*OTHERS, *DAY][index] for index in worker.ran] for worker in workers]
    assert ran[0][:5] == DAY
    assert sorted(ran[0][5:] + ran[1]) == OTHERS
    assert len(ran[0]) - 5 >= 2
    assert scheduling.tests_finished
    assert not scheduling.has_pending


def test_what_is_kept_together_is_there() -> None:
    assert [place for place in TOGETHER if not (ROOT / place).exists()] == []
