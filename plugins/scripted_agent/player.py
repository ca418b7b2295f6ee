"""Playing a script: from where the dialogue stands and what the player said to what is said next."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from kernel.codes import Undeclared
from kernel.hookspecs import Reply, Trigger, Turn
from kernel.rows import Chat, Delivery, Message, Sender, Task, TaskStatus
from plugins.scripted_agent.answers import Ear, Understood
from plugins.scripted_agent.position import ScriptPosition
from plugins.scripted_agent.prices import is_within
from plugins.scripted_agent.script import Answer, Branch, Script, render


class ScriptInterpreter:
    """Plays one script. It remembers nothing: the chat knows where it stands and what was said."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._ear = Ear(script.words)

    def play(self, turn: Turn) -> Reply:
        here = self._locate(turn.chat, turn.task)
        if here is None:
            return self._move(turn.task, self._script.head.first, None)
        if self._script.steps[here.step].outcome is not None:
            return self._end(turn.task, here, texts=())
        if turn.trigger is Trigger.SILENCE:
            return self._break_silence(turn, here)
        if turn.trigger in {Trigger.RESUMED, Trigger.STARTED} and not _was_said(turn.chat, here):
            return self._say(turn.task, here)
        if turn.text or turn.trigger is Trigger.MESSAGE:  # a sticker, for one, comes without words
            return self._answer(turn, here, self._ear.understand(turn.text, turn.task))
        return self._wait(here, ())

    def _locate(self, chat: Chat, task: Task) -> ScriptPosition | None:
        """Where the dialogue stands; None before it began, or when another agent or an older script led it."""
        here = ScriptPosition.parse(chat.script_step)
        if here is None or here.step not in self._script.steps:
            return None
        if here.price is not None and not is_within(here.price, task):
            return None
        if here.price is None and self._script.steps[here.step].outcome == "resolved":
            return None
        return here

    def _answer(self, turn: Turn, here: ScriptPosition, understood: Understood) -> Reply:
        branch = self._branch(here.step, understood.answer)
        price = _price(branch, here.price, understood.price, turn.task)
        if branch.to is not None:
            return self._move(turn.task, branch.to, price)
        if (
            _count(turn.chat, lambda position: position.mark not in {None, Answer.SILENCE})
            >= self._script.head.patience
        ):
            return self._move(turn.task, self._script.head.give_up, price)
        return self._say(turn.task, ScriptPosition(here.step, price, understood.answer))

    def _break_silence(self, turn: Turn, here: ScriptPosition) -> Reply:
        """Remind once in each step; then take the silence for an answer."""
        reminded = _count(turn.chat, lambda position: position[::2] == (here.step, Answer.SILENCE))
        if self._script.steps[here.step].remind is not None and not reminded:
            return self._say(turn.task, here._replace(mark=Answer.SILENCE))
        branch = self._branch(here.step, Answer.SILENCE)
        assert branch.to is not None  # `check` has seen to it
        return self._move(turn.task, branch.to, here.price)

    def _move(self, task: Task, step: str, price: Decimal | None) -> Reply:
        here = ScriptPosition(step, price)
        if self._script.steps[step].outcome is None:
            return self._say(task, here)
        say = self._script.steps[step].say
        return self._end(task, here, texts=() if say is None else (render(say, task, price),))

    def _say(self, task: Task, here: ScriptPosition) -> Reply:
        """The words of the position, and then wait."""
        step = self._script.steps[here.step]
        if here.mark is None:
            text = step.say
        elif here.mark is Answer.SILENCE:
            text = step.remind
        else:
            text = self._branch(here.step, here.mark).say
        return self._wait(here, (render(text or step.say or "", task, here.price, step.again),))

    def _wait(self, here: ScriptPosition, texts: tuple[str, ...]) -> Reply:
        return Reply(step=str(here), texts=texts, wait=self._script.wait_ms(here.step))

    def _end(self, task: Task, here: ScriptPosition, texts: tuple[str, ...]) -> Reply:
        step = self._script.steps[here.step]
        resolved = step.outcome == "resolved"
        return Reply(
            step=str(here),
            texts=texts,
            outcome=TaskStatus.RESOLVED if resolved else TaskStatus.FAILED,
            reason=Undeclared(step.reason) if step.reason else None,
            detail=render(step.detail or "", task, here.price),
            agreed_price=here.price if resolved else None,
        )

    def _branch(self, step: str, answer: Answer) -> Branch:
        branch = self._script.branch(step, answer)
        assert branch is not None  # `check` has seen to it
        return branch


def _price(branch: Branch, on_the_table: Decimal | None, named: Decimal | None, task: Task) -> Decimal | None:
    match branch.price:
        case "named":
            return named
        case "lowest":
            return task.price_min
        case "highest":
            return task.price_max
        case None:
            return on_the_table


def _was_said(chat: Chat, here: ScriptPosition) -> bool:
    """Have the words of this position reached the player?"""
    return any(m.step == str(here) for m in chat.messages if _reached(m))


def _count(chat: Chat, matching: Callable[[ScriptPosition], bool]) -> int:
    """How many messages that reached the player were said at a position that matches."""
    positions = (ScriptPosition.parse(m.step) for m in chat.messages if _reached(m))
    return sum(position is not None and matching(position) for position in positions)


def _reached(message: Message) -> bool:
    return message.sender is Sender.BOT and message.delivery is Delivery.SENT
