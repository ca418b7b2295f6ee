"""One question to an OpenAI-compatible endpoint: streamed, bounded, and cut when whoever asked is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, Final

import httpx
import msgspec
from httpx_sse import EventSource, SSEError

from kernel.clock import Clock
from kernel.redaction import redacted
from plugins.llm_agent.answer import Chunk, Meter, PartialAnswer, estimate
from plugins.llm_agent.config import LlmAgentConfig
from plugins.llm_agent.decision import SCHEMA
from plugins.llm_agent.errors import AnswerUnusable, EndpointAway, EndpointFailed, EndpointRefused
from plugins.llm_agent.key import Key
from plugins.llm_agent.prompt import PromptMessage
from plugins.llm_agent.retry import rest_after, retry_after
from plugins.llm_agent.stats import ModelStats

MOST_BYTES: Final = 512 * 1024
"""Of one answer on the wire: a chunk a token, each some 300 bytes, and much room."""
MOST_TEXT: Final = 8 * 1024
"""Characters of what the model says."""
TRIES: Final = 2
PAUSE_MS: Final = 500
LONGEST_PAUSE_MS: Final = 5_000
"""An endpoint that asks for more is left alone, and the turn given up."""
FORMATS: Final[dict[str, Any]] = {
    "json_schema": {"type": "json_schema", "json_schema": {"name": "decision", "strict": True, "schema": SCHEMA}},
    "json_object": {"type": "json_object"},
}


class Endpoint:
    """Speaks with the model. `stats` hears of each request."""

    def __init__(self, config: LlmAgentConfig, key: Key | None, clock: Clock, stats: ModelStats) -> None:
        self._config = config
        self._key = key
        self._clock = clock
        self._stats = stats
        self._line = asyncio.Semaphore(config.at_once)
        self._rests_until = 0
        self.under_way = 0
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(config.gap_s, connect=config.connect_s, pool=None),
            limits=httpx.Limits(max_connections=config.at_once, max_keepalive_connections=config.at_once),
            trust_env=False,  # no proxy or netrc of the environment's: where players' words go, the config says
            follow_redirects=False,  # the key and they go to that address and no other
        )

    @property
    def resting(self) -> bool:
        return self._clock.elapsed() < self._rests_until

    async def close(self) -> None:
        await self._client.aclose()

    async def ask(self, lines: Sequence[PromptMessage], meter: Meter) -> str:
        """What the model answers. Raises EndpointFailed; `meter` is charged in any case.

        What may pass is tried once more, after the pause that the endpoint asks for. The caller holds the deadline.
        """
        for tried in range(1, TRIES + 1):
            if self.resting:
                raise EndpointAway("resting", "the endpoint failed a moment ago, and is left alone for a while")
            try:
                async with self._line:
                    return await self._counted(lines, meter)
            except EndpointAway as away:
                pause = away.retry_after if away.retry_after is not None else PAUSE_MS
                if tried == TRIES or pause > LONGEST_PAUSE_MS:
                    self.rest(away)
                    raise
                await self._clock.sleep(pause)
            except EndpointRefused as refused:
                self.rest(refused)
                raise
        raise AssertionError("unreachable")

    def rest(self, failure: EndpointFailed) -> None:
        """Leave the endpoint alone: every other turn in that moment would only wait for the same failure."""
        wanted = failure.retry_after if isinstance(failure, EndpointAway) else None
        self._rests_until = self._clock.elapsed() + rest_after(wanted, int(self._config.rest_s * 1_000))

    async def _counted(self, lines: Sequence[PromptMessage], meter: Meter) -> str:
        clock = asyncio.get_running_loop().time
        started, outcome = clock(), "cut"  # by the turn's deadline, or by a take-over
        self.under_way += 1
        try:
            answer = await self._ask(lines, meter)
            outcome = "ok"
            self._stats.answer.observe(clock() - started)
            return answer
        except EndpointFailed as failure:
            outcome = failure.reason
            raise
        finally:
            self.under_way -= 1
            self._stats.requests[outcome] += 1

    async def _ask(self, lines: Sequence[PromptMessage], meter: Meter) -> str:
        answer = PartialAnswer(MOST_TEXT)
        body = self._body(lines)
        try:
            async with self._client.stream("POST", self._url, content=body, headers=self._headers) as response:
                response.stream = _Bounded(response.stream, MOST_BYTES)
                await self._check(response)
                async with aclosing(EventSource(response).aiter_sse()) as events:
                    async for event in events:
                        if event.data.strip() == "[DONE]":
                            break
                        answer.take(_chunk(event.data))
            return answer.whole()
        except httpx.TimeoutException as error:
            raise EndpointAway("slow", f"the endpoint was silent for too long ({type(error).__name__})") from None
        except (httpx.ConnectError, httpx.UnsupportedProtocol) as error:
            raise EndpointAway("unreachable", f"the endpoint cannot be reached: {self._clean(error)}") from None
        except SSEError:
            raise AnswerUnusable("nonsense", "the endpoint did not answer with an event stream") from None
        except httpx.DecodingError:
            raise AnswerUnusable("nonsense", "the endpoint's answer cannot be decoded") from None
        except httpx.HTTPError as error:
            raise EndpointAway("dropped", f"the connection was lost in the answer: {self._clean(error)}") from None
        finally:
            meter.charge(answer.usage or estimate(body) + estimate(answer.text.encode()))

    @property
    def _url(self) -> str:
        return f"{self._config.base_url.rstrip('/')}/chat/completions"

    @property
    def _headers(self) -> dict[str, str]:
        headers = {
            "content-type": "application/json",
            "accept": "text/event-stream",
            "accept-encoding": "identity",  # so that what is counted on the wire is what is held in memory
        }
        return headers | ({"authorization": self._key.header} if self._key is not None else {})

    def _body(self, lines: Sequence[PromptMessage]) -> bytes:
        body: dict[str, Any] = {
            "model": self._config.model,
            "messages": lines,
            "stream": True,
            "stream_options": {"include_usage": True},
            self._config.token_field: self._config.answer_tokens,
        }
        if self._config.structured in FORMATS:
            body["response_format"] = FORMATS[self._config.structured]
        return msgspec.json.encode(body)

    async def _check(self, response: httpx.Response) -> None:
        """Raises what the status means; how the endpoint puts it is told only where it cannot hold the key."""
        status = response.status_code
        if status == httpx.codes.OK:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise AnswerUnusable("nonsense", "the endpoint packed its answer, though it was asked not to")
            return
        wait = retry_after(response.headers.get("retry-after"))
        if status == httpx.codes.TOO_MANY_REQUESTS:
            raise EndpointAway("busy", "the endpoint has had too many requests (429)", wait)
        if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
            raise EndpointAway("failed", f"the endpoint failed ({status})", wait)
        if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise EndpointRefused("refused", f"the endpoint does not take the key ({status}): see [llm_agent] api_key")
        if status == httpx.codes.NOT_FOUND:
            text = (
                f"the endpoint has no such address or model (404): see [llm_agent] base_url and {self._config.model!r}"
            )
            raise EndpointRefused("refused", text)
        raise EndpointRefused("refused", f"the endpoint refuses the request ({status}): see [llm_agent] structured")

    def _clean(self, error: Exception) -> str:
        text = redacted(str(error)[:200]) or type(error).__name__
        return self._key.hidden_in(text) if self._key is not None else text


class _Bounded(httpx.AsyncByteStream):
    """A body of which at most so many bytes are read."""

    def __init__(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream, most: int) -> None:
        assert isinstance(stream, httpx.AsyncByteStream)
        self._stream = stream
        self._left = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            self._left -= len(part)
            if self._left < 0:
                raise AnswerUnusable("tooLong", "the endpoint's answer has no end")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


def _chunk(data: str) -> Chunk:
    try:
        return msgspec.json.decode(data, type=Chunk)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise AnswerUnusable("nonsense", "a part of the answer is not in the form of chat completions") from error
