"""Writing one reply: what the model decides, held to the bounds, put into the words that bind us."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from kernel.clock import MINUTE
from kernel.codes import DialogueOutcome
from kernel.hookspecs import Reply, Trigger, Turn
from kernel.ids import ChatId
from kernel.rows import Sender, TaskStatus
from plugins.llm_agent.answer import Meter
from plugins.llm_agent.bounds import ITEM, Violation, faults_of
from plugins.llm_agent.config import LlmAgentConfig
from plugins.llm_agent.decision import Decision, decode
from plugins.llm_agent.endpoint import Endpoint
from plugins.llm_agent.errors import AnswerUnusable, EndpointAway, GaveUp
from plugins.llm_agent.lexicon import asks_what_we_are
from plugins.llm_agent.phrases import PHRASES, Phrases, fill
from plugins.llm_agent.position import Position, TurnStanding
from plugins.llm_agent.prices import asked, money
from plugins.llm_agent.prompt import LANGUAGES, correction, prompt
from plugins.llm_agent.speech import words_of
from plugins.llm_agent.stats import ModelStats
from plugins.llm_agent.terms import Terms, terms

ENDS: Final = {
    "agreed": (TaskStatus.RESOLVED, DialogueOutcome.AGREED, "The player agreed to {price}."),
    "declined": (TaskStatus.FAILED, DialogueOutcome.DECLINED, "The player does not want to trade."),
    "too_far": (TaskStatus.FAILED, DialogueOutcome.PRICE_OUT_OF_RANGE, "The player's price is outside of ours."),
    "no_answer": (TaskStatus.FAILED, DialogueOutcome.NO_ANSWER, "The player did not answer, reminder included."),
}


class Author:
    """`objection` says what the guards would refuse a text for, if they would. `deadline` in seconds, of one reply."""

    def __init__(
        self,
        config: LlmAgentConfig,
        endpoint: Endpoint,
        stats: ModelStats,
        objection: Callable[[ChatId, str], str | None],
        deadline: float,
    ) -> None:
        self._config = config
        self._endpoint = endpoint
        self._stats = stats
        self._objection = objection
        self._deadline = deadline

    async def reply(self, turn: Turn, here: TurnStanding, meter: Meter) -> Reply:
        """Raises GaveUp. `meter` begins with what earlier turns have used and no reply has told of."""
        position = here.position._replace(tokens=here.position.tokens + meter.tokens)
        if position.end is not None:
            return self._end(turn, position, position.end, texts=())
        if turn.trigger is Trigger.SILENCE:
            return self._break_silence(turn, position)
        if turn.trigger is Trigger.RESUMED and here.spoken and not turn.text:
            return self._wait(position, ())
        if position.turns >= self._config.turns:
            raise GaveUp("budget", f"the dialogue has had its {self._config.turns} replies")
        limits = self._terms(turn, here)
        try:
            async with asyncio.timeout(self._deadline):
                decision = await self._decide(turn, here, limits, meter)
        except TimeoutError:
            late = EndpointAway("slow", f"no reply within {self._deadline:g} seconds")
            self._endpoint.rest(late)
            raise late from None
        position = position._replace(turns=position.turns + 1, tokens=here.position.tokens + meter.tokens)
        if decision.action == "say":
            price = decision.price if decision.price is not None else position.price
            return self._wait(position._replace(price=price, reminded=False), (self._text(turn, here, decision),))
        texts = (self._filled(turn, getattr(self._phrases(turn), decision.action), position.price),)
        return self._end(turn, position, decision.action, texts)

    async def _decide(self, turn: Turn, here: TurnStanding, limits: Terms, meter: Meter) -> Decision:
        """The first draft that may be said. Raises GaveUp."""
        lines = prompt(
            turn,
            here,
            limits,
            language=self._language(turn),
            side=self._config.side,
            instructions=self._config.instructions,
        )
        failure = GaveUp("outOfBounds", "")
        for _ in range(self._config.drafts):
            if here.position.tokens + meter.tokens >= self._config.tokens:
                raise GaveUp("budget", f"the dialogue has had its {self._config.tokens} tokens")
            answer = ""
            try:
                answer = await self._endpoint.ask(lines, meter)
                decision = decode(answer)
            except AnswerUnusable as unusable:
                failure, faults = unusable, [Violation("form", str(unusable))]
            else:
                faults = self._faults(turn, here, limits, decision)
                if not faults:
                    if decision.action == "hand_over":
                        raise GaveUp("handedOver", "the model asks for somebody else")
                    return decision
                what = ", ".join(sorted({fault.name for fault in faults}))
                failure = GaveUp("outOfBounds", f"{self._config.drafts} drafts were outside of the bounds: {what}")
                self._stats.faults.update(fault.name for fault in faults)
            lines = [*lines, *correction(answer, faults)]
        raise failure

    def _faults(self, turn: Turn, here: TurnStanding, limits: Terms, decision: Decision) -> list[Violation]:
        faults = faults_of(decision, turn, here, limits)
        if not faults and decision.action == "say":
            objection = self._objection(turn.chat.id, self._text(turn, here, decision))
            if objection is not None:
                faults = [Violation("guard", objection)]
        return faults

    def _terms(self, turn: Turn, here: TurnStanding) -> Terms:
        theirs = [message.text for message in turn.chat.messages if message.sender is Sender.PLAYER]
        return terms(
            turn.task,
            side=self._config.side,
            standing=here.price,
            ask=asked(theirs, turn.task),
            answered=bool(turn.text.strip()),
            opening=self._config.opening_share,
            concession=self._config.concession_share,
        )

    def _text(self, turn: Turn, here: TurnStanding, decision: Decision) -> str:
        """One message: what we are, where the player asks; the model's own words; the price, in ours."""
        phrases = self._phrases(turn)
        parts = [phrases.program] if asks_what_we_are(words_of(turn.text)) else []
        parts.append(decision.text.strip().replace(ITEM, turn.task.item))
        if decision.price is not None:
            asks = decision.price == asked([turn.text], turn.task)
            phrase = phrases.confirm if asks else phrases.offer if here.spoken else phrases.opening
            parts.append(self._filled(turn, phrase, decision.price))
        return " ".join(filter(None, parts))

    def _filled(self, turn: Turn, phrase: str, price: Decimal | None) -> str:
        return fill(phrase, item=turn.task.item, price=money(price, turn.task) if price is not None else "")

    def _break_silence(self, turn: Turn, position: Position) -> Reply:
        """One reminder, in words of ours; then the silence is the answer."""
        if position.reminded:
            return self._end(turn, position, "no_answer", texts=())
        reminder = self._filled(turn, self._phrases(turn).reminder, None)
        return self._wait(position._replace(reminded=True), (reminder,))

    def _wait(self, position: Position, texts: tuple[str, ...]) -> Reply:
        return Reply(step=str(position), texts=texts, wait=self._config.silence_minutes * MINUTE)

    def _end(self, turn: Turn, position: Position, end: str, texts: tuple[str, ...]) -> Reply:
        outcome, reason, detail = ENDS[end]
        price = position.price if outcome is TaskStatus.RESOLVED else None
        return Reply(
            step=str(position._replace(end=end)),
            texts=texts,
            outcome=outcome,
            reason=reason,
            detail=detail.format(price=money(price, turn.task) if price is not None else ""),
            agreed_price=price,
        )

    def _language(self, turn: Turn) -> str:
        wanted = turn.task.language or ""
        return wanted if wanted in LANGUAGES else self._config.default_language

    def _phrases(self, turn: Turn) -> Phrases:
        return PHRASES[self._language(turn), self._config.side]
