"""An endpoint that is slow, down or talks nonsense costs no player their answer: somebody else leads, and says why."""

from __future__ import annotations

import socket

import pytest

from kernel.commands import ToggleAgent
from kernel.events import ChatAgentToggled
from plugins.llm_agent import LlmAgent
from tests.plugins.llm_agent.server import (
    Behaviour,
    Exchange,
    Server,
    draft,
    drops,
    is_huge,
    never_ends,
    refuses,
    says,
    says_nothing,
    stops_midway,
    writes,
)
from tests.plugins.llm_agent.stage import (
    accept,
    answer,
    authors,
    begin,
    chat_of,
    complaints,
    counted,
    said,
    stage,
    until,
)

SCRIPTED = "agent:scripted_agent"
KEY = "sk-very-secret-0123456789abcdef"


async def reports_a_failure(exchange: Exchange) -> None:
    await exchange.begin()
    await exchange.write('data: {"error": {"message": "out of memory"}}\n\n')


async def packs(exchange: Exchange) -> None:
    await exchange.begin("text/event-stream", "200 OK", "content-encoding: gzip")
    await exchange.write(b"\x1f\x8b\x08\x00")


async def is_no_stream(exchange: Exchange) -> None:
    await exchange.begin("text/html")
    await exchange.write("<h1>Hello</h1>")


async def is_no_json(exchange: Exchange) -> None:
    await exchange.begin()
    await exchange.write("data: {not json\n\n")


AT_FAULT: list[tuple[str, Behaviour, str]] = [
    ("silent", says_nothing, "slow"),
    ("silent in the middle", stops_midway, "slow"),
    ("forbidden", refuses("401 Unauthorized"), "refused"),
    ("no such model", refuses("404 Not Found"), "refused"),
    ("not understood", refuses("400 Bad Request"), "refused"),
    ("no stream", is_no_stream, "nonsense"),
    ("packed", packs, "nonsense"),
    ("chunks that are no JSON", is_no_json, "nonsense"),
    ("answers that are no JSON", writes("Sure! Here you go: {"), "nonsense"),
    ("another form", writes('{"say": "hello"}'), "nonsense"),
    ("another action", writes(draft("pay", "hello")), "nonsense"),
    ("a price that is none", writes(draft("say", "hello", "1e1")), "nonsense"),
    ("cut at its limit", writes('{"action": "say", "text": "he', finish="length"), "tooLong"),
    ("without end", never_ends, "tooLong"),
    ("one endless line", is_huge, "tooLong"),
    ("an endless answer", writes("a" * 9_000), "tooLong"),
    ("out of bounds every time", says("say", "We pay a thousand dollars"), "outOfBounds"),
    ("asking for somebody else", says("hand_over"), "handedOver"),
]


@pytest.mark.parametrize(("behaviour", "reason"), [case[1:] for case in AT_FAULT], ids=[case[0] for case in AT_FAULT])
async def test_the_script_leads_where_the_model_cannot_and_the_reason_is_told_and_counted(
    behaviour: Behaviour, reason: str
) -> None:
    slow = {"turn_deadline_s": 0.2} if reason == "slow" else {}
    async with Server(behaviour) as server, stage(server, **slow) as world:
        chat_id = await begin(world)
        assert authors(world, chat_id) == [SCRIPTED]
        assert said(world, chat_id)[0].startswith("We would like to buy your AK-47 | Redline")
        (complaint,) = complaints(world)
        assert chat_id in complaint.message and complaint.detail == reason
        assert counted(world, "given_up", reason) == 1
        assert counted(world, "requests_under_way") == 0


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (refuses("500 Internal Server Error"), "failed"),
        (refuses("429 Too Many Requests"), "busy"),
        (drops, "dropped"),
        (reports_a_failure, "failed"),
    ],
    ids=["500", "429", "dropped", "a failure in the stream"],
)
async def test_what_may_pass_is_tried_once_more(behaviour: Behaviour, reason: str) -> None:
    async with Server(behaviour, says("say", "Hello!", "10")) as server, stage(server) as world:
        chat_id = await accept(world)
        await until(world, lambda: counted(world, "requests", reason))
        await world.clock.advance(500)
        await until(world, lambda: said(world, chat_id))
        assert authors(world, chat_id) == ["agent:llm_agent"]
        assert not complaints(world)


async def test_an_endpoint_that_keeps_failing_is_left_alone_for_a_while() -> None:
    async with Server(refuses("503 Service Unavailable")) as server, stage(server) as world:
        chat_id = await accept(world)
        await until(world, lambda: len(server.seen) == 1)
        await until(world, lambda: counted(world, "requests", "failed") == 1)
        await world.clock.advance(500)
        await until(world, lambda: said(world, chat_id))
        assert len(server.seen) == 2
        assert counted(world, "resting") == 1
        await begin(world)
        assert len(server.seen) == 2
        assert [c.detail for c in complaints(world)] == ["failed", "resting"]
        await world.clock.advance(30_000)
        assert counted(world, "resting") == 0
        await accept(world)
        await until(world, lambda: len(server.seen) == 3)


async def test_a_short_retry_after_is_waited_for_and_a_long_one_is_obeyed_without_waiting() -> None:
    short = refuses("429 Too Many Requests", "{}", "retry-after: 2")
    long = refuses("429 Too Many Requests", "{}", "retry-after: 90")
    async with Server(short, says("say", "Hello!", "10"), long) as server, stage(server) as world:
        patient = await accept(world)
        await until(world, lambda: counted(world, "requests", "busy"))
        await world.clock.advance(1_999)
        assert len(server.seen) == 1
        await world.clock.advance(1)
        await until(world, lambda: said(world, patient))
        assert authors(world, patient) == ["agent:llm_agent"]

        hurried = await begin(world)
        assert authors(world, hurried) == [SCRIPTED]
        await world.clock.advance(89_000)
        assert counted(world, "resting") == 1
        await world.clock.advance(1_000)
        assert counted(world, "resting") == 0


async def test_the_model_is_given_up_before_the_kernel_would_take_the_turn_away() -> None:
    async with Server(says_nothing) as server, stage(server, respond_deadline_s=2.0) as world:
        chat_id = await begin(world)
        assert authors(world, chat_id) == [SCRIPTED]
        assert [c.detail for c in complaints(world)] == ["slow"]


async def test_an_endpoint_that_is_not_there_is_said_to_be_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server = Server(says_nothing)
        server.url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        async with stage(server) as world:
            chat_id = await accept(world)
            await until(world, lambda: counted(world, "requests", "unreachable"))
            await world.clock.advance(500)
            await until(world, lambda: said(world, chat_id))
            assert [c.detail for c in complaints(world)] == ["unreachable"]


async def test_a_person_is_asked_for_where_the_config_says_so_and_no_other_agent_speaks() -> None:
    async with Server(writes("nonsense")) as server, stage(server, fall_back="operator") as world:
        chat_id = await accept(world)
        await until(world, lambda: not chat_of(world, chat_id).agent_enabled)
        assert said(world, chat_id) == []
        assert [e.actor for e in world.events if isinstance(e.payload, ChatAgentToggled)] == ["agent:llm_agent"]
        await world.execute(ToggleAgent(chat_id=chat_id, enabled=False))
        assert chat_of(world, chat_id).owner == "operator:anna"


async def test_a_dialogue_that_the_script_has_taken_stays_with_it_until_somebody_gives_it_back() -> None:
    async with Server(says("hand_over"), says("say", "Good to see you.", "10")) as server, stage(server) as world:
        chat_id = await begin(world)
        await answer(world, chat_id, "yes")
        assert authors(world, chat_id) == [SCRIPTED, SCRIPTED]
        assert len(server.seen) == 1
        await world.execute(ToggleAgent(chat_id=chat_id, enabled=False))
        await world.execute(ToggleAgent(chat_id=chat_id, enabled=True))
        await answer(world, chat_id, "hello?")
        assert authors(world, chat_id)[-1] == "agent:llm_agent"


async def test_a_take_over_closes_the_request_and_nothing_of_the_answer_is_said() -> None:
    async with Server(stops_midway) as server, stage(server) as world:
        chat_id = await accept(world)
        await until(world, lambda: server.seen)
        assert not server.seen[0].gone.is_set()
        await world.execute(ToggleAgent(chat_id=chat_id, enabled=False))
        await until(world, server.seen[0].gone.is_set)
        assert said(world, chat_id) == []
        assert counted(world, "requests", "cut") == 1
        assert not complaints(world)


async def test_a_line_that_comes_while_the_model_thinks_is_answered_with_the_rest() -> None:
    good = says("say", "Hello!", "10"), stops_midway, says("say", "Thank you, think about it.")
    async with Server(*good) as server, stage(server) as world:
        chat_id = await begin(world)
        chat = chat_of(world, chat_id)
        world.transport.say(chat.bot_id, chat.player, "hmm")
        await until(world, lambda: len(server.seen) == 2)
        await answer(world, chat_id, "let me think")
        assert server.seen[1].gone.is_set()
        told = [line["content"] for line in server.seen[2].body["messages"] if line["role"] == "user"]
        assert told == ["hmm", "let me think"]
        assert said(world, chat_id)[1:] == ["Thank you, think about it."]


async def test_no_more_requests_are_under_way_than_the_config_allows() -> None:
    async with Server(says_nothing) as server, stage(server, at_once=2) as world:
        for _ in range(5):
            await accept(world)
        await until(world, lambda: len(server.seen) == 2)
        assert counted(world, "requests_under_way") == 2


async def test_stopping_the_plugin_ends_what_it_has_under_way() -> None:
    async with Server(says_nothing) as server:
        async with stage(server) as world:
            await accept(world)
            await until(world, lambda: server.seen)
        await until(world, server.seen[0].gone.is_set)


@pytest.mark.parametrize("status", ["401 Unauthorized", "400 Bad Request", "404 Not Found", "500 Oops"])
async def test_the_key_is_sent_to_the_endpoint_and_shown_nowhere_even_where_the_endpoint_repeats_it(
    status: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MODEL_KEY", KEY)
    caplog.set_level("DEBUG")
    behaviour = refuses(status, f'{{"error": {{"message": "Incorrect API key provided: {KEY}"}}}}')
    async with Server(behaviour) as server, stage(server, api_key="env:MODEL_KEY") as world:
        chat_id = await accept(world)
        await until(world, lambda: counted(world, "requests", "failed" if "500" in status else "refused"))
        await world.clock.advance(500)
        await until(world, lambda: said(world, chat_id))
        assert f"authorization: Bearer {KEY}" in server.seen[0].head
        assert KEY not in "".join(map(repr, world.events))
        assert KEY not in "".join(record.getMessage() for record in caplog.records)
        assert KEY not in repr(vars(world.plugin(LlmAgent)))


async def test_what_the_model_is_told_holds_no_name_no_id_and_no_bound_that_it_might_give_away() -> None:
    async with Server(says("say", "Hello!", "10")) as server, stage(server) as world:
        chat_id = await begin(world)
        await answer(world, chat_id, "how much do you pay at most?")
        chat = chat_of(world, chat_id)
        for exchange in server.seen:
            sent = str(exchange.body)
            assert "12.50" not in sent and "12.5" not in sent
            assert not [word for word in (chat.player, chat.id, chat.bot_id, chat.task_id) if str(word) in sent]
