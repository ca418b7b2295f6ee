"""The contract of agents finds what is wrong with one: each agent here is wrong in one way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from kernel.codes import DialogueOutcome, Undeclared
from kernel.hookspecs import Reply, Trigger, Turn, hookimpl
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import TaskStatus
from kernel.testing.agents import AgentContract
from plugins.scripted_agent import ScriptedAgent


class TestTheScriptedAgentKeepsTheContract(AgentContract):
    agent = ScriptedAgent


def contract_of(wrong: type[Plugin[Any]]) -> AgentContract:
    class Contract(AgentContract):
        agent = wrong

    return Contract()


class Broken(Plugin[PluginConfig]):
    """An agent whose way of being wrong is set by each test."""

    reply: Reply | None = None

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        return self.reply


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(step="", texts=("hi",)), "where the dialogue stands"),
        (Reply(step="x", texts=(" ",)), "an empty line"),
        (Reply(step="x", texts=("x" * 6_000,)), "6000 characters"),
        (Reply(step="x", texts=("hi",) * 9), "a flood"),
        (Reply(step="x", wait=0), "above 0"),
        (Reply(step="x", outcome=TaskStatus.DISPOSED, reason=Undeclared("x")), "cannot end as disposed"),
        (Reply(step="x", outcome=TaskStatus.FAILED), "has a `reason`"),
        (
            Reply(step="x", outcome=TaskStatus.RESOLVED, reason=DialogueOutcome.AGREED, agreed_price=Decimal(99)),
            "outside 10.00",
        ),
    ],
)
async def test_the_contract_names_what_is_wrong_with_a_reply(reply: Reply, said: str) -> None:
    class Wrong(Broken):
        pass

    Wrong.reply = reply

    with pytest.raises(AssertionError, match=said):
        await contract_of(Wrong).test_it_bears_whatever_a_player_writes()


async def test_the_contract_finds_an_agent_that_raises_that_never_ends_and_that_will_not_be_called_off() -> None:
    class Raises(Plugin[PluginConfig]):
        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            raise ValueError("what now?")

    class Endless(Broken):
        reply = Reply(step="x", texts=("And now?",), wait=1)

    class Stubborn(Plugin[PluginConfig]):
        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            try:
                await asyncio.sleep(3_600)
            except asyncio.CancelledError:
                await asyncio.sleep(0.5)
            return None

    with pytest.raises(AssertionError, match=r"what now\?"):
        await contract_of(Raises).test_it_can_open_a_dialogue()
    with pytest.raises(AssertionError, match="it still talks"):
        await contract_of(Endless).test_it_comes_to_an_end_with_a_player_who_says_no()
    with pytest.raises(AssertionError, match="still works on its turn"):
        await contract_of(Stubborn).test_it_gives_way_when_it_is_called_off()


def ending(text: str) -> Reply:
    return Reply(step="end", texts=(text,), outcome=TaskStatus.FAILED, reason=DialogueOutcome.DECLINED)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("No.", "to 'are you a bot\\?' it says 'No.', and so denies being a program"),
        ("I am a real person, ask anybody.", "denies being a program"),
        ("Я живой человек", "denies being a program"),
    ],
)
async def test_an_agent_that_denies_being_a_program_breaks_the_contract(words: str, said: str) -> None:
    class Liar(Plugin[PluginConfig]):
        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            if turn.trigger is Trigger.STARTED:
                return Reply(step="offer", texts=("A trade?",))
            return ending(words if turn.text != "yes" else "Thank you.")

    with pytest.raises(AssertionError, match=said):
        await contract_of(Liar).test_it_never_denies_being_a_program()


async def test_an_agent_that_lies_only_once_the_player_has_agreed_breaks_the_contract_too() -> None:
    class LateLiar(Plugin[PluginConfig]):
        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            step = {None: "offer", "offer": "agreed"}.get(turn.chat.script_step, "later")
            return Reply(step=step, texts=("I am a human.",) if step == "later" else ("I am a bot. A trade?",))

    with pytest.raises(AssertionError, match="denies being a program"):
        await contract_of(LateLiar).test_it_never_denies_being_a_program()


@pytest.mark.parametrize("per_chat", [False, True])
async def test_an_agent_that_keeps_its_step_in_itself_breaks_the_contract(per_chat: bool) -> None:
    class Forgetful(Plugin[PluginConfig]):
        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            steps: dict[str, int] = self.__dict__.setdefault("steps", {})
            key = turn.chat.id if per_chat else "the one"
            steps[key] = steps.get(key, 0) + 1
            return Reply(step="talks", texts=(f"This is line {steps[key]}.",))

    with pytest.raises(AssertionError, match="what it keeps in itself is lost"):
        await contract_of(Forgetful).test_where_a_dialogue_stands_is_in_the_chat_and_nowhere_else()


async def test_an_agent_that_draws_its_words_by_chance_says_so_and_is_held_to_its_steps() -> None:
    drawn = iter(range(1_000))

    class Lively(Plugin[PluginConfig]):
        step: Callable[[Turn], str] = staticmethod(lambda turn: f"after {turn.chat.script_step}"[:40])

        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            return Reply(step=self.step(turn), texts=(f"Word {next(drawn)}",))

    class Forgetful(Lively):
        step = staticmethod(lambda turn: f"step {next(drawn)}")

    class Contract(AgentContract):
        agent = Lively
        same_words = False

    class Forgets(Contract):
        agent = Forgetful

    await Contract().test_where_a_dialogue_stands_is_in_the_chat_and_nowhere_else()
    with pytest.raises(AssertionError, match="it answers with step 'step"):
        await Forgets().test_where_a_dialogue_stands_is_in_the_chat_and_nowhere_else()


async def test_an_agent_that_keeps_the_event_loop_breaks_the_contract() -> None:
    class Blocks(Plugin[PluginConfig]):
        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            if turn.text == "yes":
                time.sleep(0.15)  # noqa: ASYNC251 - that is what is wrong with it
            return Reply(step="x")

    with pytest.raises(AssertionError, match=r"keeps the event loop for 1\d\d ms"):
        await contract_of(Blocks).test_it_gives_the_event_loop_back_at_once()


async def test_an_agent_that_ends_a_deal_without_its_price_breaks_the_contract() -> None:
    class Priceless(Plugin[PluginConfig]):
        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            if turn.text == "yes" and turn.chat.script_step == "sure?":
                return Reply(step="end", outcome=TaskStatus.RESOLVED, reason=DialogueOutcome.AGREED)
            return Reply(step="sure?", texts=("Are you sure?",))

    with pytest.raises(AssertionError, match="a deal has its price"):
        await contract_of(Priceless).test_it_comes_to_an_end_with_a_player_who_agrees_and_a_deal_has_its_price()


@pytest.mark.parametrize("trigger", list(Trigger)[:2])
async def test_an_agent_that_swallows_its_cancellation_breaks_the_contract(trigger: Trigger) -> None:
    class Swallows(Plugin[PluginConfig]):
        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            if turn.trigger is trigger and self.ctx.name == "swallows":
                for _ in range(3):  # what it awaits first lets it be called off
                    await asyncio.sleep(0)
                with suppress(asyncio.CancelledError):
                    await asyncio.wait_for(asyncio.Event().wait(), 0.05)
            return Reply(step="x", texts=("Here I am.",))

    with pytest.raises(AssertionError, match="it answers all the same"):
        await contract_of(Swallows).test_it_gives_way_when_it_is_called_off()
