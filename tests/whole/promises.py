"""What must hold for operators: refused is not done, ok stays done, and what is acknowledged comes to an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from kernel.commands import CreateTask, SendMessage
from kernel.events import (
    ChatMessageFailed,
    ChatMessageQueued,
    ChatMessageReceived,
    ChatMessageSent,
    ChatStarted,
    CommandCompleted,
    TaskCreated,
    TaskStatusChanged,
)
from kernel.rows import BotStatus, Delivery, InviteStatus, Task, TaskStatus
from kernel.state import State
from tests.whole.evidence import Asked, Evidence, Finding, Outcome
from tests.whole.record import What
from tests.whole.rules import Rules
from tests.whole.steps import AllowInvite

RULES: Final = Rules()
OPEN: Final = frozenset({Delivery.QUEUED, Delivery.SENDING})
"""Deliveries at which a message must not stay."""
PATIENCE_MS: Final = 75_000
"""For how long a reason may be missing, or its time may have passed: those of dialogues are looked at now and then."""


@RULES.rule
def what_is_refused_changes_nothing(evidence: Evidence) -> Iterator[Finding]:
    """No event bears the name of whoever was refused, from the question to the answer."""
    for asked in evidence.asked:
        if asked.changed:
            text = f"{asked.command.kind} was refused with {asked.code}, and yet {', '.join(asked.changed)}"
            yield Finding(f"what_is_refused_changes_nothing ({asked.code})", asked.answered_at, text)


@RULES.rule
def a_command_takes_effect_at_most_once(evidence: Evidence) -> Iterator[Finding]:
    """However often the same id is asked, and through every crash; each text and each item is of one command."""
    made = Counter([event.item for _, event in evidence.happened(TaskCreated)])
    said = Counter([e.message.text for _, e in evidence.happened(ChatMessageQueued) if e.retry_of is None])
    for asked in evidence.asked:
        number = 0
        if isinstance(asked.command, CreateTask):
            number = made[asked.command.item]
        elif isinstance(asked.command, SendMessage) and asked.command.text.startswith("Line "):
            number = said[asked.command.text]
        if number > 1:
            text = f"{asked.command.kind} of step {asked.number} was carried out {number} times"
            yield Finding("a_command_takes_effect_at_most_once", asked.at, text)


@RULES.rule
def the_same_id_gives_the_truth(evidence: Evidence) -> Iterator[Finding]:
    """The last answer to an id says whether it is in the journal."""
    done = {event.id for _, event in evidence.happened(CommandCompleted)}
    last: dict[str, Asked] = {a.id: a for a in evidence.asked if a.id is not None and a.outcome is not Outcome.NONE}
    for asked in last.values():
        told = asked.outcome is Outcome.OK
        if asked.outcome in {Outcome.OK, Outcome.REFUSED} and (asked.id in done) is not told:
            text = f"{asked.command.kind} of step {asked.number} was answered {asked.outcome}, and is "
            text += "not in the journal" if told else "in the journal"
            yield Finding("the_same_id_gives_the_truth", asked.answered_at, text)


@RULES.rule
def what_is_ok_holds(evidence: Evidence) -> Iterator[Finding]:
    """Also after a crash."""
    items = {event.item for _, event in evidence.happened(TaskCreated)}
    texts = {event.message.text for _, event in evidence.happened(ChatMessageQueued)}
    for asked in evidence.asked:
        if asked.outcome is not Outcome.OK:
            continue
        command = asked.command
        lost = (isinstance(command, CreateTask) and command.item not in items) or (
            isinstance(command, SendMessage) and command.text not in texts
        )
        if lost:
            text = f"{command.kind} of step {asked.number} was answered ok, and is in no event"
            yield Finding("what_is_ok_holds", asked.answered_at, text)


@RULES.rule
def each_line_comes_to_an_end(evidence: Evidence) -> Iterator[Finding]:
    """When the weather has been good for long: sent, failed, or in doubt and said so."""
    ended = {e.message_id for _, e in evidence.happened(ChatMessageSent)}
    ended |= {e.message_id for _, e in evidence.happened(ChatMessageFailed)}
    ended |= {e.retry_of for _, e in evidence.happened(ChatMessageQueued) if e.retry_of is not None}
    for at, event in evidence.happened(ChatMessageQueued):
        if event.message.id in ended or at > evidence.ended_at - MINUTES_S:
            continue
        chat = evidence.state.chats.get(event.chat_id)
        message = chat.message(event.message.id) if chat is not None else None
        bot = evidence.state.bots.get(chat.bot_id) if chat is not None else None
        if message is None:
            yield Finding("each_line_comes_to_an_end (vanished)", at, f'"{event.message.text}" has vanished')
        elif bot is not None and (bot.messages_held_until or 0) > evidence.events[-1].ts:
            continue  # Steam takes none of its messages for now, and the row says until when
        elif message.delivery in OPEN and (bot is None or bot.status is BotStatus.CONNECTED):
            text = f'"{message.text}" is still {message.delivery}, and its bot is {"gone" if bot is None else "online"}'
            yield Finding("each_line_comes_to_an_end", at, text)


MINUTES_S: Final = 300.0
"""A line that was decided on so shortly before the end of the history may still be on its way."""


def reasons(state: State, now: int, begun: int, at: float) -> Iterator[Finding]:
    """Each open task says why it stands where it stands, and until when; checked while a history runs.

    `begun`: when the present run began, by the same clock as `now`.
    """
    for task in state.tasks.values():
        if not task.is_open:
            continue
        if task.reason is None and now - max(begun, task.status_since) > PATIENCE_MS:
            yield Finding(f"open_tasks_say_why ({task.status})", at, f"{task.id} is {task.status}, with no reason")
        if task.waiting_until is not None and max(begun, task.waiting_until) < now - PATIENCE_MS:
            text = f"{task.id} is {task.status} ({task.reason}) until {(now - task.waiting_until) / 1_000:.1f} s ago"
            yield Finding(f"no_deadline_in_the_past ({task.reason})", at, text)


@RULES.rule
def tasks_move_on(evidence: Evidence) -> Iterator[Finding]:
    """When the weather has been good for long, no task still waits to be sent, but for a reason with an end."""
    state, now = evidence.state, evidence.state.ts
    for at, event in evidence.happened(TaskCreated):
        task = state.tasks.get(event.task_id)
        if task is None or task.status not in {TaskStatus.CREATED, TaskStatus.ASSIGNED}:
            continue
        if not any(bot.status is BotStatus.CONNECTED for bot in state.bots.values()):
            continue
        if task.waiting_until is not None and task.waiting_until > now:
            continue
        if _is_in_doubt_with_a_failed_bot(state, task):
            continue
        yield Finding(f"tasks_move_on ({task.reason})", at, f"{task.id} is {task.status} ({task.reason}) at the end")


def _is_in_doubt_with_a_failed_bot(state: State, task: Task) -> bool:
    """Its player may have the invite of a bot that nothing but a person brings back; no other bot may invite them."""
    invite = state.invites.get(task.id)
    bot = state.bots.get(task.assigned_bot_id) if task.assigned_bot_id is not None else None
    in_doubt = invite is not None and invite.status is InviteStatus.REQUESTED
    return in_doubt and bot is not None and bot.status is BotStatus.AUTH_FAILED


@RULES.rule
def what_is_failed_stays_failed(evidence: Evidence) -> Iterator[Finding]:
    """No task ends twice."""
    ended: dict[str, str] = {}
    for at, event in evidence.happened(TaskStatusChanged):
        if event.task_id in ended:
            text = f"{event.task_id} was {ended[event.task_id]}, and then {event.status}"
            yield Finding("what_is_failed_stays_failed", at, text)
        if event.status in {TaskStatus.FAILED, TaskStatus.DISPOSED, TaskStatus.RESOLVED}:
            ended[event.task_id] = event.status


@RULES.rule
def what_players_write_is_read(evidence: Evidence) -> Iterator[Finding]:
    """In an open chat of a bot that is online each line of the player's stands as often as they wrote it."""
    for at, event in evidence.happened(ChatStarted):
        chat = evidence.state.chats.get(event.chat_id)
        bot, player = evidence.chats().get(event.chat_id, (-1, -1))
        if chat is None or not chat.is_open or not evidence.is_online(chat.bot_id):
            continue
        if evidence.was_unreliable(bot, at, evidence.ended_at):
            continue
        said = Counter(e.text for e in evidence.entries(What.SAID) if (e.bot, e.player) == (bot, player) and e.at > at)
        heard = Counter(e.message.text for _, e in evidence.happened(ChatMessageReceived) if e.chat_id == chat.id)
        for words, number in said.items():
            if heard[words] < number:
                text = f'player {player} said {number} × "{words}", and {heard[words]} × it stands in {chat.id}'
                yield Finding("what_players_write_is_read", at, text)


@RULES.rule
def what_players_write_is_read_once(evidence: Evidence) -> Iterator[Finding]:
    """However often Steam tells it, and however often we read it back."""
    chats = evidence.chats()
    said = Counter((e.bot, e.player, e.text) for e in evidence.entries(What.SAID))
    heard = Counter(
        (*chats[e.chat_id], e.message.text) for _, e in evidence.happened(ChatMessageReceived) if e.chat_id in chats
    )
    for (bot, player, words), number in heard.items():
        if number > said[bot, player, words]:
            text = f'player {player} said {said[bot, player, words]} × "{words}" to bot {bot}, and it was taken down '
            yield Finding("what_players_write_is_read_once", 0.0, f"{text}{number} ×")


@RULES.rule
def what_players_decide_is_known(evidence: Evidence) -> Iterator[Finding]:
    """When the weather has been good for long: who waits for an answer to an invite that the player sees no more?"""
    last = {(entry.bot, entry.player): entry for entry in evidence.entries(*INVITES)}
    for task in evidence.state.tasks.values():
        bot_id = task.assigned_bot_id
        if task.status is not TaskStatus.INVITED or bot_id is None or not evidence.is_online(bot_id):
            continue
        pair = evidence.number_of(bot_id), evidence.players[task.player]
        if pair in last and last[pair].what is not What.INVITED and not evidence.had("stall", pair[0]):
            text = f"{task.id} is {task.status}, and player {pair[1]} {last[pair].what} bot {pair[0]}"
            yield Finding("what_players_decide_is_known", last[pair].at, text)


@RULES.rule
def no_invite_is_left_behind(evidence: Evidence) -> Iterator[Finding]:
    """When the weather has been good for long: what a player still sees is about an open task, or its bot is away.

    A person who says AllowInvite has taken that on: what was left behind counts no more.
    """
    allowed = {a.player: a.at for a in evidence.commands(AllowInvite) if a.may_hold}
    last = {(entry.bot, entry.player): entry for entry in evidence.entries(*INVITES)}
    open_tasks = [task for task in evidence.state.tasks.values() if task.is_open]
    bots = {evidence.number_of(bot.id): bot.id for bot in evidence.state.bots.values()}
    players = {number: player for player, number in evidence.players.items()}
    for (bot, player), entry in last.items():
        if entry.what is not What.INVITED or bot not in bots or not evidence.is_online(bots[bot]):
            continue
        if entry.at < allowed.get(player, 0.0):
            continue
        if not any(t.player == players[player] and t.assigned_bot_id == bots[bot] for t in open_tasks):
            text = f"player {player} sees an invite of bot {bot}, and no task is about it"
            yield Finding("no_invite_is_left_behind", entry.at, text)


INVITES: Final = (
    What.INVITED,
    What.ACCEPTED,
    What.DECLINED,
    What.BLOCKED,
    What.REMOVED,
    What.TAKEN_BACK,
    What.WAS_ACCEPTED,
    What.WAS_REMOVED,
    What.ASKED_US,
)
"""After which of them is there an invite that the player sees?"""
