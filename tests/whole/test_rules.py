"""The rules bite: what keeps one is taken out of the product, and a history that needs it tells."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final, NamedTuple
from unittest import mock

import pytest

from kernel.ids import new_id
from plugins.steam_sim.temperament import Temperament
from tests.whole import steps as s
from tests.whole.agent import Temper
from tests.whole.runner import run
from tests.whole.steps import Deed, History
from tests.whole.switches import SWITCHED_OFF


class Mutant(NamedTuple):
    """Places of the product, what stands in theirs, and a history."""

    history: History
    stand_ins: dict[str, Callable[..., Any]]


def nothing(*_: Any, **__: Any) -> None:
    """In the place of a guard: it never objects."""


async def answers_ok(*_: Any, **__: Any) -> None:
    """In the place of what carries a command out, or waits for the disk."""


def forgets_ids(router: Any, command: Any, command_id: Any, done: Any) -> Any:
    """In the place of what knows that an id was asked before."""
    return router._carry_out(command, command_id, done)


NEVER: Final = (Temperament.NEVER,)
INVITED: Final = (s.AddBot(), s.Create(then=3.0))
GREETED: Final = (*INVITED, s.Player(then=10.0))
"""A player who has accepted and has been greeted."""

MUTANTS: Final[dict[str, Mutant]] = {
    "one_invite_a_minute": Mutant(
        History(bots=1, players=(*NEVER, *NEVER), steps=(*INVITED, s.Create(player=1))),
        {"plugins.invites.guard.next_turn": lambda *_: 0, "plugins.invites.queues.next_turn": lambda *_: 0},
    ),
    "nothing_after_a_stop": Mutant(
        History(bots=1, players=NEVER, steps=(*GREETED, s.Player(does=Deed.STOP, then=30.0))),
        {"plugins.contact_policy.wishes.says_stop": lambda *_: False},
    ),
    "nothing_after_a_removal": Mutant(
        History(
            players=NEVER,
            steps=(*GREETED, s.AddBot(bot=1), s.Player(does=Deed.REMOVE), s.Dispose(), s.Create(then=30.0)),
        ),
        {"plugins.contact_policy.wishes.Wishes._list": nothing},
    ),
    "no_second_invite_after_a_decline": Mutant(
        History(bots=1, players=NEVER, steps=(*INVITED, s.Player(does=Deed.DECLINE), s.Create())),
        {"plugins.contact_policy.admission.refused_before": nothing},
    ),
    "nothing_while_paused": Mutant(
        History(bots=1, players=NEVER, steps=(*INVITED, s.Pause(), s.Player(then=30.0))),
        {"plugins.contact_policy.plugin.ContactPolicy.pause": answers_ok},
    ),
    "no_agents_line_after_a_take_over": Mutant(
        History(bots=1, players=(Temperament.EAGER,), steps=(*INVITED, s.Toggle(then=30.0))),
        {"plugins.dialogue.takeover.TakeOver.toggle": answers_ok},
    ),
    "programs_do_not_write_on_and_on": Mutant(
        History(
            bots=1, players=NEVER, steps=(s.Agent(temper=Temper.FLOODS, during=900.0), *GREETED, s.Wait(then=900.0))
        ),
        {"plugins.contact_policy.admission.too_many_unanswered": nothing},
    ),
    "what_is_ok_holds": Mutant(
        History(bots=1, players=NEVER, steps=(s.Wait(), s.Crash(then=0.0), s.Create())),
        {"kernel.commits.Commits.wait": answers_ok},
    ),
    "a_command_takes_effect_at_most_once": Mutant(
        History(bots=1, players=NEVER, steps=(*GREETED, s.Write(), s.AskAgain())),
        {
            "kernel.router.Router._execute_once": forgets_ids,
            "plugins.dialogue.writing.derived": lambda prefix, _: new_id(prefix),
        },
    ),
}


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
