"""`make costs`: the CPU seconds of each file of tests, its processes' included, those that cost most first.

A plugin of pytest: `python -m pytest -n auto -p tests.costs`. Wall time says little on a machine that does something
else too; a process that outlives its test is counted for the test in which somebody waits for it. `COSTS=30` shows so
many lines, and `COSTS_OF=test` tells tests apart.
"""

from __future__ import annotations

import os
import resource
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import pytest

PROPERTY: Final = "cpu_s"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Its fixtures count as it does."""
    item.user_properties.append((PROPERTY, -_spent()))
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """What has been used so far goes with the last report of the test, also from a worker of xdist."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if call.when == "teardown":
        began = next(value for name, value in item.user_properties if name == PROPERTY)
        report.user_properties = [(PROPERTY, _spent() + float(str(began)))]
    return report  # type: ignore[return-value]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    spent: defaultdict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport) and report.when == "teardown":
                of = report.nodeid if os.environ.get("COSTS_OF") == "test" else report.nodeid.partition("::")[0]
                spent[of] += sum(float(str(value)) for name, value in report.user_properties if name == PROPERTY)
    terminalreporter.section(f"{sum(spent.values()):.0f} s of CPU")
    dearest = sorted(spent.items(), key=lambda cost: -cost[1])
    for of, seconds in dearest[: int(os.environ.get("COSTS", "40"))]:
        terminalreporter.write_line(f"{seconds:8.1f} s  {of}")


def _spent() -> float:
    """CPU seconds of this process, and of those that it has started and seen end."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
