"""Which worker of pytest-xdist runs which test: what shares something costly stays together, and the rest is spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

TOGETHER: Final = (
    "tests/contract/test_twin.py",  # a process of node that folds
    "tests/e2e/test_day.py",  # the day of the demonstration
    "tests/interop/",  # the processes of both clients
    "tests/kernel/test_strangers_wheel.py",  # a wheel that is built and installed
    "tests/notebooks/test_notebooks.py",  # what reads and runs notebooks, which takes seconds to import
    "tests/plugins/history/test_reports.py",  # archives of long histories
)
"""Files and folders of tests with fixtures that take seconds and serve all of them: one worker has each."""


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out test by test, in the order of their collection, but for those of `TOGETHER`, which come first."""

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """What is done with is forgotten: xdist goes through all that a worker has had, after each of its tests."""
        super().mark_test_complete(node, item_index, duration)
        nodeid = self.registered_collections[node][item_index]
        assigned, scope = self.assigned_work[node], self._split_scope(nodeid)
        if all(assigned[scope].values()):
            del assigned[scope]
