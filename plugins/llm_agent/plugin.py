"""The plugin `llm_agent`: answers the hook `respond` with a language model, or leaves the dialogue to somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from kernel.codes import KernelRefusal
from kernel.commands import SendMessage, ToggleAgent
from kernel.context import Context
from kernel.errors import CommandError
from kernel.events import ChatAgentToggled, ChatClosed, Envelope, ErrorLogged
from kernel.hookspecs import Reply, Turn, hookimpl
from kernel.ids import ChatId
from kernel.measures import Measure
from kernel.plugin import Plugin
from plugins.llm_agent.answer import Meter
from plugins.llm_agent.author import Author
from plugins.llm_agent.config import LlmAgentConfig
from plugins.llm_agent.endpoint import Endpoint
from plugins.llm_agent.errors import GaveUp
from plugins.llm_agent.key import read
from plugins.llm_agent.position import standing
from plugins.llm_agent.stats import ModelStats, measures

DISHONEST: Final = KernelRefusal.DENIES_PROGRAM
PATIENCE: Final = 0.9
"""The part of the time that the kernel gives an agent which is ours at most."""


class LlmAgent(Plugin[LlmAgentConfig]):
    """Leads a dialogue within the bounds of its task; see README.md."""

    Config = LlmAgentConfig

    def __init__(self, ctx: Context, config: LlmAgentConfig) -> None:
        super().__init__(ctx, config)
        self._stats = ModelStats()
        self._endpoint: Endpoint | None = None
        self._author: Author | None = None
        self._left: set[ChatId] = set()
        """Dialogues that somebody else leads by now: two agents in turns would each begin anew."""
        self._unbooked: dict[ChatId, int] = {}
        """Tokens that were used for turns without a reply; the next reply's step tells of them."""

    async def start(self) -> None:
        """Raises KeyUnreadable. Whether the endpoint is there shows with the first turn: it may come later than we."""
        self._endpoint = Endpoint(self.config, read(self.config.api_key), self.ctx.clock, self._stats)
        # before the kernel takes the turn away: that would count as a hang, and no reason be told
        deadline = min(self.config.turn_deadline_s, self.ctx.hooks.respond_deadline * PATIENCE)
        self._author = Author(self.config, self._endpoint, self._stats, self._objection, deadline)
        self.ctx.subscribe(ChatClosed, self._forget)
        self.ctx.subscribe(ChatAgentToggled, self._change_hands)

    async def stop(self) -> None:
        if self._endpoint is not None:
            await self._endpoint.close()

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        chat_id = turn.chat.id
        if chat_id in self._left or self._author is None:
            return None
        meter = Meter()
        meter.charge(self._unbooked.pop(chat_id, 0))
        before, told = meter.tokens, False
        try:
            reply = await self._author.reply(turn, standing(turn, self._actor), meter)
            told = True
        except GaveUp as gave_up:
            await self._leave(chat_id, gave_up)
            return None
        finally:
            self._stats.tokens += meter.tokens - before
            chat = self.ctx.state.chats.get(chat_id)
            if not told and meter.tokens and chat is not None and chat.is_open:
                self._unbooked[chat_id] = meter.tokens
        self._stats.replies += 1
        return reply

    @hookimpl
    def measures(self) -> Sequence[Measure]:
        endpoint = self._endpoint
        return measures(
            self._stats,
            resting=endpoint is not None and endpoint.resting,
            under_way=endpoint.under_way if endpoint is not None else 0,
        )

    @property
    def _actor(self) -> str:
        return f"agent:{self.ctx.name}"

    async def _leave(self, chat_id: ChatId, gave_up: GaveUp) -> None:
        """Say why, and let the next agent take the turn, or have a person called."""
        self._stats.given_up[gave_up.reason] += 1
        operator = self.config.fall_back == "operator"
        to = "a person is asked for" if operator else "the next agent takes it"
        text = f"The model cannot lead {chat_id}: {gave_up}; {to}."
        self.ctx.publish(ErrorLogged(source=self.ctx.name, message=text, detail=gave_up.reason))
        if operator:
            command = ToggleAgent(chat_id=chat_id, enabled=False)
            # beside this turn, which the switch cancels; until then no other agent may be asked
            await asyncio.wait([self.ctx.spawn(self.ctx.execute(command, actor=self._actor), f"leaving {chat_id}")])
        else:
            self._left.add(chat_id)

    def _objection(self, chat_id: ChatId, text: str) -> str | None:
        """What the care for players would say to it: asked beforehand, so that the model can write it anew."""
        try:
            self.ctx.dry_run(SendMessage(chat_id=chat_id, text=text), actor=self._actor)
        except CommandError as refused:
            return refused.message if refused.code == DISHONEST else None
        except ValueError as error:
            return str(error)
        return None

    def _change_hands(self, _: Envelope, event: ChatAgentToggled) -> None:
        if event.enabled:  # whoever gives it back wants the agents to try anew
            self._left.discard(event.chat_id)

    def _forget(self, _: Envelope, event: ChatClosed) -> None:
        self._left.discard(event.chat_id)
        self._unbooked.pop(event.chat_id, None)
