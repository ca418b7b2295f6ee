"""What each step does, looked up at its moment."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from kernel import commands as c
from kernel.errors import CommandError
from kernel.ids import BotId, CommandId, SteamId64
from kernel.rows import Chat, Delivery, Task
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim import faults
from plugins.steam_sim.faults import FaultKind
from tests.whole import steps as s
from tests.whole.agent import Temper
from tests.whole.disk import Mood
from tests.whole.evidence import Asked, Evidence, Outcome, Spell, outcome_of
from tests.whole.process import Process, Surroundings
from tests.whole.steam import Answer

OPERATORS: Final = ("operator:anna", "operator:boris")
STOPS: Final = ("stop", "STOP writing to me", "стоп")
WORDS: Final = ("yes", "hello?", "11", "how much")


class Acts:
    """Carries single steps out, on the process that is running."""

    def __init__(self, around: Surroundings, evidence: Evidence) -> None:
        self.process: Process
        self._loop, self._steam, self._disk, self._agent, _ = around
        self._evidence = evidence
        self._number = 0
        self._undo: dict[str, Callable[[], None]] = {}

    def do(self, step: s.Step) -> str:
        """Begin the step. Returns what has come of it so far, in words; nothing is waited for."""
        self._number += 1
        match step:
            case s.AskAgain():
                return self._ask_again()
            case s.Ask():
                return self._ask(step)
            case s.Player():
                return self._play(step)
            case s.Answer():
                return self._answer(step)
            case s.Fault():
                kind, late = FaultKind(step.kind), int(step.late * 1_000)
                fault = faults.Fault(kind, step.with_, self._account(step.bot), step.times, delay_ms=late)
                self._fault(fault, step.bot, step.during)
            case s.Drop():
                self._steam.drop(step.bot)
            case s.Disk():
                self._set_disk(step.mood)
                self._later(step.during, lambda: self._set_disk(Mood.WELL), "disk")
            case s.Agent():
                self._set_temper(step.temper)
                self._later(step.during, lambda: self._set_temper(Temper.WELL), "agent")
            case s.Clock():
                self._loop.set_clock(self._loop.off_by + step.by)
                if step.during:
                    self._later(step.during, lambda: self._turn_back(step.by), f"clock {self._number}")
            case _:
                pass
        return ""

    def clear_up(self) -> None:
        """All bad weather ends, and operators let everything go on that they have stopped."""
        for name in list(self._undo):
            self._undo.pop(name)()
        self._steam.answers.clear()
        self._steam.faults.switch_off()
        for spell in self._evidence.spells:
            spell.ended = min(spell.ended, self._loop.time())
        self._set_disk(Mood.WELL)
        self._set_temper(Temper.WELL)
        self._loop.set_clock(0.0)

    def _set_disk(self, mood: Mood) -> None:
        self._disk.mood = mood
        self._evidence.disk(mood is Mood.WELL, self._loop.time())

    def _set_temper(self, temper: Temper) -> None:
        self._agent.temper = temper

    def _turn_back(self, by: float) -> None:
        self._loop.set_clock(self._loop.off_by - by)

    def _later(self, seconds: float, undo: Callable[[], None], name: str) -> None:
        """Have bad weather end after a while, or at the end of the history."""
        self._undo[name] = undo

        def end() -> None:
            if self._undo.get(name) is undo:
                self._undo.pop(name)()

        self._loop.call_later(seconds, end)

    # ── Steam and players

    def _account(self, bot: int | None) -> int | None:
        return self._steam.account(bot) if bot is not None else None

    def _fault(self, fault: faults.Fault, bot: int | None, during: float) -> None:
        now = self._loop.time()
        spell = Spell(fault.kind, bot, now, now + during)
        self._evidence.spells.append(spell)
        self._later(during, self._steam.faults.switch_on(fault), f"fault {self._number}")

    def _answer(self, step: s.Answer) -> str:
        if step.player is None:
            fault = faults.Fault(step.to, int(step.with_), self._account(step.bot), step.times)
            self._fault(fault, step.bot, step.during)
        else:
            rule = Answer(step.to, int(step.with_), step.player)
            self._steam.answers[rule] = step.times
            self._later(step.during, lambda: self._take_back(rule), f"answer {self._number}")
        return ""

    def _take_back(self, rule: Answer) -> None:
        self._steam.answers.pop(rule, None)

    def _play(self, step: s.Player) -> str:
        desk, person = self._steam.simulation.desk, self._steam.person(step.player)
        friendships, chats = desk.social.friendships, desk.social.chats
        if step.does is s.Deed.INVITE:
            bot = step.bot
        else:
            near = {
                s.Deed.ACCEPT: {EFriendRelationship.REQUEST_RECIPIENT},
                s.Deed.DECLINE: {EFriendRelationship.REQUEST_RECIPIENT},
                s.Deed.BLOCK: {EFriendRelationship.REQUEST_RECIPIENT, EFriendRelationship.FRIEND},
            }.get(step.does, {EFriendRelationship.FRIEND})
            bots = [n for n in self._steam.bots.values() if self._steam.sees(step.player, n) in near]
            if not bots:
                return "there is no bot to do it to"
            bot = bots[0]
        account = self._steam.account(bot)
        number = self._number
        deeds: dict[s.Deed, Callable[[], object]] = {
            s.Deed.ACCEPT: lambda: friendships.add(person, account),
            s.Deed.DECLINE: lambda: friendships.remove(person, account),
            s.Deed.REMOVE: lambda: friendships.remove(person, account),
            s.Deed.BLOCK: lambda: friendships.ignore(person, account),
            s.Deed.INVITE: lambda: friendships.add(person, account),
            s.Deed.WRITE: lambda: [chats.say(person, account, _words(number, n)) for n in range(step.lines)],
            s.Deed.STOP: lambda: chats.say(person, account, STOPS[number % len(STOPS)]),
        }
        return "" if self._steam.act(deeds[step.does]) else "Steam does not let them"

    # ── operators

    def _ask(self, step: s.Ask) -> str:
        made = self._command(step)
        if not made:
            return "there is nothing to ask it about"
        for command in made:
            self.give(step, command)
        return ""

    def give(self, step: s.Ask, command: c.Command[Any], before: Asked | None = None) -> None:
        """Have an operator give the command, in a name that nobody else uses until it is answered.

        `before` is given again in the name that it was given in, since its id stands for nobody else's command.
        """
        number = len(self._evidence.asked)
        busy = self._busy()
        names = (
            [before.actor]
            if before is not None
            else [*OPERATORS[step.by % 2 :], *OPERATORS, f"operator:number-{number}"]
        )
        command_id = CommandId(f"cmd_{number:026}") if step.named else None
        asked = Asked(
            number=before.number if before is not None else self._number,
            step=step,
            command=command,
            id=before.id if before is not None else command_id,
            actor=next(name for name in names if name not in busy),
            at=self._loop.time(),
            run=self.process.number,
            player=getattr(step, "player", -1),
            again=before is not None,
        )
        self._evidence.asked.append(asked)
        self.process.run(self._wait_for(asked, self.process), f"{command.kind} of step {asked.number}")

    def _busy(self) -> set[str]:
        return {one.actor for one in self._evidence.asked if one.outcome is Outcome.NONE}

    async def _wait_for(self, asked: Asked, process: Process) -> None:
        outcome, code, value = Outcome.LOST, "", None
        seq = process.state.seq
        try:
            value = await process.ctx.execute(asked.command, actor=asked.actor, command_id=asked.id)
            outcome = Outcome.OK
        except CommandError as error:
            outcome, code = outcome_of(error), error.code
        finally:
            asked.answered_at = self._loop.time()
            if process.dead:
                asked.outcome = Outcome.LOST
            else:
                asked.outcome, asked.code, asked.value = outcome, code, value
            if asked.outcome is Outcome.REFUSED:
                events = (e for e in self._evidence.events if e.seq > seq and e.actor == asked.actor)
                asked.changed = [envelope.kind for envelope in events]

    def _ask_again(self) -> str:
        named = [one for one in self._evidence.asked if one.id is not None and one.outcome is not Outcome.NONE]
        unsure = [one for one in named if one.outcome not in {Outcome.OK, Outcome.REFUSED}]
        if not named:
            return "nothing has been asked"
        before = (unsure or named)[-1]
        if before.actor in self._busy():
            return "who asked it waits for another answer"
        self.give(before.step, before.command, before)
        return f"{before.command.kind} of step {before.number}"

    def _command(self, step: s.Ask) -> list[c.Command[Any]]:
        """The command that the step means now; none where there is nothing to give it about."""
        player = SteamId64(str(self._steam.person(getattr(step, "player", 0))))
        match step:
            case s.AddBot():
                ma_file, password, proxy_url = self._steam.papers(step.bot)
                return [c.AddBotFromMaFile(ma_file=ma_file, proxy_url=proxy_url, password=password)]
            case s.RemoveBot():
                account = SteamId64(str(self._steam.account(step.bot)))
                bot_id: BotId | None = self.process.state.index.bot_of_account.get(account)
                return [c.RemoveBot(bot_id=bot_id)] if bot_id is not None else []
            case s.Create():
                item, low, high = f"Item {self._number}", Decimal("10.00"), Decimal("12.00")
                return [c.CreateTask(player=player, item=item, price_min=low, price_max=high, currency="USD")]
            case s.Dispose():
                task = self._latest_task(player)
                return [c.DisposeTask(task_id=task.id)] if task is not None else []
            case s.Pause():
                return [c.PauseContact()]
            case s.Resume():
                return [c.ResumeContact()]
            case s.LeaveAlone():
                return [c.AddDoNotContact(player=player)]
            case s.AllowContact():
                return [c.RemoveDoNotContact(player=player)]
            case s.AllowInvite():
                return [c.AllowInvite(player=player)] if hasattr(c, "AllowInvite") else []
            case s.Reload():
                return [c.ReloadPlugin(name=step.plugin)]
            case _:
                chat = self._latest_chat(player)
                return self._words(step, chat) if chat is not None else []

    def _words(self, step: s.Ask, chat: Chat) -> list[c.Command[Any]]:
        match step:
            case s.Write():
                return [
                    c.SendMessage(chat_id=chat.id, text=f"Line {self._number}.{n} of ours.") for n in range(step.lines)
                ]
            case s.Toggle():
                return [c.ToggleAgent(chat_id=chat.id, enabled=step.on)]
            case s.Retry():
                failed = [m for m in chat.messages if m.delivery in {Delivery.FAILED, "inDoubt"}]
                return [c.RetryMessage(chat_id=chat.id, message_id=m.id) for m in failed[-1:]]
            case s.Discard() if hasattr(c, "DiscardMessage"):
                doubtful = [m for m in chat.messages if m.delivery == "inDoubt"]
                return [c.DiscardMessage(chat_id=chat.id, message_id=m.id) for m in doubtful[-1:]]
            case _:
                return []

    def _latest_task(self, player: SteamId64) -> Task | None:
        tasks = [task for task in self.process.state.tasks.values() if task.player == player]
        return tasks[-1] if tasks else None

    def _latest_chat(self, player: SteamId64) -> Chat | None:
        chats = [chat for chat in self.process.state.chats.values() if chat.player == player]
        return chats[-1] if chats else None


def _words(number: int, line: int) -> str:
    """What a player writes: something that an agent understands, and then more and more."""
    return WORDS[number % len(WORDS)] if line == 0 else f"and {line} more"
