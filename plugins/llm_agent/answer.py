"""An answer that comes in parts, put together; and what it costs."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from plugins.llm_agent.errors import AnswerUnusable, EndpointAway

BYTES_A_TOKEN: Final = 3
"""Where the endpoint does not say what it used: fewer bytes make a token than this only in rare scripts."""
MOST_TOKENS: Final = 10_000_000


class Delta(Struct, frozen=True):
    content: str | None = None


class Choice(Struct, frozen=True):
    delta: Delta = Delta()
    finish_reason: str | None = None


class Usage(Struct, frozen=True):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Chunk(Struct, frozen=True):
    """A part of an answer; all else that endpoints put into it is left alone."""

    choices: tuple[Choice, ...] | None = None
    usage: Usage | None = None
    error: object = None


class Meter:
    """The tokens that one turn has used so far."""

    def __init__(self) -> None:
        self.tokens = 0

    def charge(self, tokens: int) -> None:
        self.tokens += tokens


class PartialAnswer:
    """The parts until now. `usage` is 0 until the endpoint says."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._finish: str | None = None
        self.text = ""
        self.usage = 0

    def take(self, chunk: Chunk) -> None:
        """Raises AnswerUnusable for more than can be meant, EndpointAway where the endpoint reports its failure."""
        if chunk.error is not None:
            raise EndpointAway("failed", "the endpoint reports a failure in the middle of its answer")
        if chunk.usage is not None:
            told = chunk.usage.prompt_tokens + chunk.usage.completion_tokens
            self.usage = max(self.usage, min(told, MOST_TOKENS))
        for choice in (chunk.choices or ())[:1]:
            self.text += choice.delta.content or ""
            self._finish = choice.finish_reason or self._finish
        if len(self.text) > self._most:
            raise AnswerUnusable("tooLong", "the model's answer is longer than any that could be said")

    def whole(self) -> str:
        """The text, once the model has come to its end. Raises AnswerUnusable."""
        if self._finish == "length":
            raise AnswerUnusable("tooLong", "the model did not come to an end within answer_tokens")
        if self._finish is None:
            raise EndpointAway("dropped", "the answer broke off")
        return self.text


def estimate(text: bytes) -> int:
    return -(-len(text) // BYTES_A_TOKEN)
