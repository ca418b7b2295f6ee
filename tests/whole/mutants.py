"""What keeps each rule, taken out of the product, and a history that needs it: the rule has to tell."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from kernel.codes import KernelRefusal
from kernel.errors import NotDurable
from kernel.events import ChatMessageWaiting, TaskWaiting
from kernel.ids import new_id
from kernel.rows import TaskStatus
from plugins.steam.codes import SteamRefusal
from plugins.steam_sim.faults import FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.whole import steps as s
from tests.whole.agent import Temper
from tests.whole.steps import Deed, History


class Mutant(NamedTuple):
    """Places of the product, what stands in theirs, and a history."""

    history: History
    stand_ins: dict[str, object]


def nothing(*_: Any, **__: Any) -> None:
    """In the place of a guard: it never objects."""


async def answers_ok(*_: Any, **__: Any) -> None:
    """In the place of what carries a command out, or waits for the disk."""


def forgets_ids(router: Any, command: Any, command_id: Any, done: Any) -> Any:
    """In the place of what knows that an id was asked before."""
    return router._carry_out(command, command_id, done)


def says_it_again(doubts: Any, chat_id: Any, message_id: Any, why: str) -> None:
    """In the place of what looks for a line in doubt: it passes for refused."""
    doubts._ctx.publish(
        ChatMessageWaiting(
            chat_id=chat_id, message_id=message_id, reason=SteamRefusal.STEAM_BUSY, detail=why, refusals=1
        )
    )


def is_refused(*_: Any) -> NotDurable:
    """In the place of what tells that nobody knows whether a command was carried out."""
    return NotDurable(KernelRefusal.NOT_DURABLE, "Nothing is carried out.")


def disposes_twice(tasks: Any, command: Any) -> None:
    """In the place of DisposeTask's handler."""
    task = tasks.ctx.state.tasks[command.task_id]
    for detail in ("Put away.", "Put away again."):
        tasks._move(task, TaskStatus.DISPOSED, "disposed", detail)


def disposes_by_hand(tasks: Any, command: Any) -> None:
    """In the place of DisposeTask's handler: the state is changed past the events."""
    tasks.ctx.state.tasks.update(command.task_id, detail="Put away.")


def explains_for_ten_seconds(ctx: Any, task_id: Any, hold: Any) -> None:
    """In the place of what tells why an invite waits: until a moment that passes, and then nothing more."""
    if ctx.state.tasks[task_id].reason is None:
        until = ctx.clock.now() + 10_000
        ctx.publish(TaskWaiting(task_id=task_id, reason=hold.reason, detail=hold.detail, until=until))


NEVER: Final = (Temperament.NEVER,)
EAGER: Final = (Temperament.EAGER,)
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
        {"plugins.contact_policy.opt_out.says_stop": lambda *_: False},
    ),
    "nothing_after_a_removal": Mutant(
        History(
            players=NEVER,
            steps=(*GREETED, s.AddBot(bot=1), s.Player(does=Deed.REMOVE), s.Dispose(), s.Create(then=30.0)),
        ),
        {"plugins.contact_policy.opt_out.OptOut._list": nothing},
    ),
    "no_second_invite_after_a_decline": Mutant(
        History(bots=1, players=NEVER, steps=(*INVITED, s.Player(does=Deed.DECLINE), s.Create())),
        {"plugins.contact_policy.admission.invite_refused_before": nothing},
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
        {"plugins.contact_policy.rate_limits.too_many_unanswered": nothing},
    ),
    "programs_say_what_they_are": Mutant(
        History(bots=1, players=NEVER, steps=(s.Agent(temper=Temper.DENIES, during=900.0), *GREETED)),
        {
            "plugins.contact_policy.admission.notice_missing": nothing,
            "plugins.contact_policy.admission.denies_program": nothing,
            "plugins.contact_policy.plugin.ContactPolicy.preface": nothing,
        },
    ),
    "what_players_write_is_read": Mutant(
        History(bots=1, players=NEVER, steps=(*GREETED, s.Player(does=Deed.WRITE))),
        {"plugins.dialogue.history.History.add_line": nothing},
    ),
    "what_players_write_is_read_once": Mutant(
        History(
            bots=1,
            players=NEVER,
            steps=(*GREETED, s.Fault(kind=FaultKind.DUPLICATE_NOTIFICATIONS), s.Player(does=Deed.WRITE)),
        ),
        {"plugins.dialogue.conversation.Known.__contains__": lambda *_: False},
    ),
    "what_players_decide_is_known": Mutant(
        History(bots=1, players=NEVER, steps=(*INVITED, s.Player(does=Deed.DECLINE))),
        {
            "plugins.invites.scheduler.InviteScheduler.relationship_changed": nothing,
            "plugins.invites.scheduler.InviteScheduler.compare": nothing,
        },
    ),
    "no_invite_is_left_behind": Mutant(
        History(bots=1, players=NEVER, steps=(*INVITED, s.Dispose())),
        {"plugins.invites.scheduler.InviteScheduler._released": nothing},
    ),
    "what_is_ok_holds": Mutant(
        History(bots=1, players=NEVER, steps=(s.Wait(), s.Crash(then=0.0), s.Create())),
        {"kernel.commits.Commits.wait": answers_ok},
    ),
    "a_command_takes_effect_at_most_once": Mutant(
        History(bots=1, players=NEVER, steps=(*GREETED, s.Write(), s.AskAgain())),
        {
            "kernel.router.Router._execute_once": forgets_ids,
            "kernel.context.derived": lambda prefix, _: new_id(prefix),
        },
    ),
    "the_fleets_hour": Mutant(
        History(bots=1, players=(*NEVER, *NEVER), hour=1, steps=(*INVITED, s.Create(player=1, then=61.0))),
        {"plugins.contact_policy.rate_limits.fleet_invite_limit": nothing},
    ),
    "one_bot_per_person": Mutant(
        History(players=NEVER, steps=(s.AddBot(bot=1), *INVITED, s.Create())),
        {
            "plugins.contact_policy.admission.player_busy": nothing,
            "plugins.contact_policy.admission.not_to_invite": nothing,
        },
    ),
    "nothing_to_those_on_the_list": Mutant(
        History(bots=1, players=NEVER, steps=(*INVITED, s.LeaveAlone(), s.Player(then=30.0))),
        {"plugins.contact_policy.plugin.ContactPolicy.add_do_not_contact": answers_ok},
    ),
    "nothing_after_a_disposal": Mutant(
        History(bots=1, players=NEVER, steps=(*INVITED, s.Dispose(), s.Player(then=30.0))),
        {"plugins.tasks.plugin.Tasks.dispose": answers_ok},
    ),
    "no_player_starves_another": Mutant(
        History(
            bots=1,
            players=(*NEVER, *NEVER),
            steps=(s.AddBot(), s.Answer(player=0, during=1_800.0), s.Create(), s.Create(player=1, then=300.0)),
        ),
        {
            "plugins.invites.config.InvitesConfig.retry_after": lambda *_: 0,
            "plugins.invites.queues.waiting_since": lambda _: 0,
        },
    ),
    "each_line_once": Mutant(
        History(bots=1, players=NEVER, steps=(*GREETED, s.Fault(kind=FaultKind.LATE_ANSWERS, late=90.0), s.Write())),
        {"plugins.dialogue.doubts.Doubts.begin": says_it_again},
    ),
    "what_is_refused_changes_nothing": Mutant(
        History(bots=1, players=NEVER, steps=(s.AddBot(), s.Disk(then=0.0), s.Create(then=30.0))),
        {"kernel.router._unconfirmed": is_refused},
    ),
    "the_same_id_gives_the_truth": Mutant(
        History(bots=1, players=NEVER, steps=(s.Wait(), s.Crash(then=0.0), s.Create())),
        {"kernel.commits.Commits.wait": answers_ok},
    ),
    "each_line_comes_to_an_end": Mutant(
        History(bots=1, players=NEVER, steps=(*GREETED, s.Write())),
        {"plugins.dialogue.outbox.Outbox.wake": nothing},
    ),
    "tasks_move_on": Mutant(
        History(bots=1, players=NEVER, steps=INVITED),
        {"plugins.assigner.plugin.Assigner.assign": nothing},
    ),
    "what_is_failed_stays_failed": Mutant(
        History(bots=1, players=NEVER, steps=(*INVITED, s.Dispose())),
        {
            "plugins.tasks.plugin.Tasks.dispose": disposes_twice,
            "kernel.reducers.tasks.TASK_MOVES": dict.fromkeys(TaskStatus, frozenset(TaskStatus)),
        },
    ),
    "open_tasks_say_why": Mutant(
        History(bots=1, players=NEVER, steps=(*INVITED, s.Wait(then=200.0))),
        {"plugins.invites.waiting.explain": nothing, "plugins.tasks.reasons.Reasons._overdue": nothing},
    ),
    "no_deadline_in_the_past": Mutant(
        History(bots=1, players=NEVER, steps=(*INVITED, s.Wait(then=200.0))),
        {
            "plugins.invites.waiting.explain": explains_for_ten_seconds,
            "plugins.tasks.reasons.Reasons._overdue": nothing,
        },
    ),
    "accident": Mutant(
        History(bots=1, players=NEVER, steps=(*INVITED, s.Dispose())),
        {"plugins.tasks.plugin.Tasks.dispose": disposes_by_hand},
    ),
}
