"""The model's agent keeps what every agent has to keep, with a model that answers as a good one does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest

from kernel.testing.agents import AgentContract
from plugins.llm_agent import LlmAgent
from tests.plugins.llm_agent.server import Exchange, Server, draft

ENDS = {"no": "declined", "yes": "agreed"}
"""What the model decides of what the player wrote last. A price it takes, and of all else it makes talk."""


async def good_model(exchange: Exchange) -> None:
    theirs = [line["content"].strip() for line in exchange.body["messages"] if line["role"] == "user"]
    if not any(line["role"] == "assistant" for line in exchange.body["messages"]):
        answer = draft("say", "Hello!", "10.00")
    elif theirs and theirs[-1] in ENDS:
        answer = draft(ENDS[theirs[-1]])
    elif theirs and theirs[-1] in {"11.00", "12.00"}:
        answer = draft("say", "All right.", theirs[-1])
    elif theirs and "1 USD" in theirs[-1]:
        answer = draft("too_far")
    else:
        answer = draft("say", "I see.")
    await exchange.stream(answer)


class TestTheModelsAgentKeepsTheContract(AgentContract):
    agent = LlmAgent

    @pytest.fixture(autouse=True)
    async def endpoint(self) -> AsyncIterator[None]:
        async with Server(good_model) as server:
            settings: Mapping[str, object] = {"model": "test", "base_url": server.url}
            type(self).config = settings
            yield
            assert server.seen, "the model was never asked"
