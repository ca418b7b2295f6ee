"""The rules bite: what keeps one is taken out of the product, and a history that needs it tells."""

from __future__ import annotations

from contextlib import ExitStack
from unittest import mock

import pytest

from tests.whole import runner
from tests.whole import steps as s
from tests.whole.mutants import MUTANTS, NEVER
from tests.whole.runner import run
from tests.whole.steps import History
from tests.whole.switches import SWITCHED_OFF


def test_each_rule_has_a_mutant() -> None:
    rules = {check.__name__ for check in runner.RULES} | {"the_fleets_hour"}
    at_each_step = {"accident", "open_tasks_say_why", "no_deadline_in_the_past"}

    assert set(MUTANTS) == rules | at_each_step


@pytest.mark.parametrize("rule", MUTANTS)
def test_a_rule_is_found_broken_when_what_keeps_it_is_taken_out(rule: str) -> None:
    mutant = MUTANTS[rule]
    assert run(mutant.history, frozenset(SWITCHED_OFF)).findings == []
    with ExitStack() as changes:
        for place, stand_in in mutant.stand_ins.items():
            changes.enter_context(mock.patch(place, stand_in))
        result = run(mutant.history)

    assert rule in {finding.rule.partition(" (")[0] for finding in result.findings}, str(result)


@pytest.mark.parametrize("resumed_last", [True, False])
def test_a_pause_ends_by_a_resume_of_the_same_moment_only_where_that_was_carried_out_last(resumed_last: bool) -> None:
    both = (s.Resume(then=0.0), s.Pause(by=1, then=30.0))
    result = run(History(bots=1, players=NEVER, steps=(s.Pause(), *(reversed(both) if resumed_last else both))))
    paused, resumed = result.evidence.commands(s.Pause)[-1], result.evidence.commands(s.Resume)[0]

    assert (result.evidence.may_end(paused, resumed) == resumed.at) is resumed_last, str(result)
