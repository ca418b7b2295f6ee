"""A whole day of deals: bots sign in from maFiles over TLS, players are invited and answer, deals end."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from kernel.events import (
    BotAdded,
    BotConnected,
    BotConnecting,
    ChatMessageQueued,
    ChatMessageSent,
    Envelope,
    FriendInviteRequested,
    FriendInviteSent,
    TaskAssigned,
    TaskCreated,
)
from kernel.ids import ChatId
from kernel.reducers import reduce
from kernel.rows import Message, Sender, TaskStatus
from kernel.state import State
from tests.e2e.running import SPEED, of, read_journal, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
AGENT = Path(__file__).parents[1] / "fixtures" / "echo_agent"


def fold(envelopes: list[Envelope]) -> State:
    state = State()
    for envelope in envelopes:
        reduce(state, envelope)
    return state


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> list[Envelope]:
    """The journal of a demonstration that ran to its end: 20 bots, 60 players."""
    data = tmp_path_factory.mktemp("demo")
    with running(data, "--until-done") as demo:
        assert demo.wait(240) == 0, "\n".join(demo.lines[-40:])
        return demo.envelopes()


def test_every_bot_is_connected_from_its_mafile_within_ten_seconds_of_its_turn(day: list[Envelope]) -> None:
    turns = {event.bot_id: envelope.ts for envelope, event in reversed(of(BotConnecting, day))}
    took = {event.bot_id: (envelope.ts - turns[event.bot_id]) / SPEED for envelope, event in of(BotConnected, day)}

    assert len(of(BotAdded, day)) == len(took) == 20
    assert max(took.values()) < 10_000


def test_every_task_has_an_outcome_or_waits_for_a_reason_that_is_told(day: list[Envelope]) -> None:
    tasks = fold(day).tasks.values()

    assert len(tasks) == 60
    for task in tasks:
        assert task.status in {TaskStatus.RESOLVED, TaskStatus.FAILED, TaskStatus.INVITED}, task
        assert task.status is TaskStatus.RESOLVED or (task.reason and task.detail), task
    outcomes = {task.status for task in tasks}
    assert outcomes >= {TaskStatus.RESOLVED, TaskStatus.FAILED}, "a day without either would prove nothing"


def test_tasks_fall_to_the_connected_bots_in_turn(day: list[Envelope]) -> None:
    """Between two tasks of one bot, every bot that was connected all the while has had one."""
    state = State()
    had: dict[str, int] = {}
    connected_since: dict[str, int] = {}
    for envelope in day:
        event = envelope.payload
        if isinstance(event, TaskAssigned):
            longest = min(had.get(bot, connected_since[bot]) for bot in connected_since)
            assert had.get(event.bot_id, 0) <= longest or event.bot_id not in had, envelope
            assert event.bot_id in connected_since
            had[event.bot_id] = envelope.seq
        elif isinstance(event, BotConnected):
            connected_since[event.bot_id] = envelope.seq
        elif envelope.kind in {"bot.disconnected", "bot.removed"}:
            connected_since.pop(event.bot_id, None)  # type: ignore[attr-defined]
        reduce(state, envelope)
    assert len(of(TaskAssigned, day)) >= 60


def test_no_bot_sends_two_invites_within_a_minute_of_the_clock(day: list[Envelope]) -> None:
    sent = defaultdict(list)
    for envelope, event in of(FriendInviteSent, day):
        sent[event.bot_id].append(envelope.ts)
    for envelope, request in of(FriendInviteRequested, day):
        earlier = [ts for ts in sent[request.bot_id] if ts < envelope.ts]
        assert not earlier or envelope.ts - earlier[-1] >= 60_000, envelope

    assert sum(map(len, sent.values())) > 40
    assert all(after - before >= 60_000 for times in sent.values() for before, after in pairwise(times))


def test_the_first_message_of_every_dialogue_says_that_a_program_writes_and_how_to_stop_it(day: list[Envelope]) -> None:
    first: dict[ChatId, Message] = {}
    for _, event in of(ChatMessageQueued, day):
        first.setdefault(event.chat_id, event.message)

    assert first
    for message in first.values():
        assert message.author == "agent:scripted_agent"
        text = message.text.lower()
        assert ("automated" in text and "stop" in text) or ("автомат" in text and "стоп" in text), text


def test_nobody_is_written_to_after_they_said_stop(day: list[Envelope]) -> None:
    state = State()
    refused = 0
    for envelope in day:
        if isinstance(envelope.payload, ChatMessageSent):
            chat = state.chats[envelope.payload.chat_id]
            player = state.players.get(chat.player)
            if player is not None and player.do_not_contact is not None:
                message = chat.message(envelope.payload.message_id)
                assert message is not None and message.ts <= player.do_not_contact.since, envelope
        reduce(state, envelope)
        refused += envelope.kind == "doNotContact.added"
    assert refused, "nobody said stop, so this has shown nothing"


def test_no_secret_of_bots_that_have_signed_in_is_told_anywhere(tmp_path: Path) -> None:
    with running(tmp_path, "--until-done", "--bots", "2", "--players", "2") as demo:
        address, token = demo.address
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}) as client:
            served = client.get("/metrics").text + client.get("/api/openapi.json").text + snapshot(client)
        assert demo.wait(120) == 0
        said = "\n".join(line for line in demo.lines if "Sign in:" not in line)
    secrets = [line.split(":", 1)[1] for line in (tmp_path / "steam" / "accounts.txt").read_text().split()]
    for ma_file in (tmp_path / "steam" / "mafiles").iterdir():
        secrets += [line.split('"')[3] for line in ma_file.read_text().splitlines() if "_secret" in line]
    places = said + served + (tmp_path / "journal" / "events.ndjson").read_text()

    assert len(secrets) >= 4
    assert '"proxyUrl":"' in places, "an admin sees the proxies, without their passwords"
    for secret in [*secrets, token]:
        assert secret not in places
    tokens_and_passwords_of_proxies = re.findall(r"eyJ[\w-]{8,}\.|://[^/\s\"]*:(?!\*{3}@)[^/\s\"]*@", places)
    assert not tokens_and_passwords_of_proxies


def snapshot(client: httpx.Client) -> str:
    """The state as a client is sent it."""
    with client.stream("GET", "/api/event-stream") as stream:
        text = ""
        for line in stream.iter_lines():
            text += line + "\n"
            if line == "" and "event: snapshot" in text and "steamId64" in text:
                return text
    return text


def test_after_a_kill_everything_answered_ok_is_there_and_the_run_goes_on_to_its_end(tmp_path: Path) -> None:
    answered: dict[str, str] = {}
    with running(tmp_path, "--players", "12", "--tasks", "6", "--bots", "6") as demo:
        address, token = demo.address
        demo.line(r"tasks 6/6")
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}) as client:
            for number in range(200):
                player = str(76561198900000000 + number)
                answer = client.post(
                    "/api/command",
                    json={"id": f"cmd_{number}", "kind": "AddDoNotContact", "payload": {"playerSteamId64": player}},
                )
                assert answer.json()["ok"], answer.text
                answered[f"cmd_{number}"] = player
        demo.kill()
    killed_at = len(read_journal(tmp_path))

    with running(tmp_path, "--players", "12", "--tasks", "12", "--bots", "6", "--until-done") as demo:
        assert demo.wait(240) == 0, "\n".join(demo.lines[-40:])
        envelopes = demo.envelopes()
    state = fold(envelopes)

    assert [e.seq for e in envelopes] == list(range(1, len(envelopes) + 1))
    assert len(envelopes) > killed_at
    assert all(state.players[player].do_not_contact for player in answered.values())
    assert all(command in state.commands for command in answered)
    assert len(of(BotAdded, envelopes)) == 6, "the bots were not added again"
    assert len(of(TaskCreated, envelopes)) == 12
    assert all(not task.is_open or task.status is TaskStatus.INVITED for task in state.tasks.values())
    for chat in state.chats.values():
        said = [m.text for m in chat.messages if m.sender is Sender.BOT]
        assert len(said) == len(set(said)), f"said twice: {said}"


def test_an_agent_from_another_distribution_takes_the_dialogue_over(tmp_path: Path) -> None:
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*install, "--disable-pip-version-check", "--target", str(site), str(AGENT)], check=True)

    options = ("--agent", "echo_agent", "--until-done", "--bots", "3", "--players", "6")
    with running(tmp_path / "data", *options, path=site) as demo:
        assert demo.wait(200) == 0, "\n".join(demo.lines[-40:])
        envelopes = demo.envelopes()

    authors = {event.message.author for _, event in of(ChatMessageQueued, envelopes)}
    assert authors == {"agent:echo_agent"}
    assert any(task.reason == "heardEnough" for task in fold(envelopes).tasks.values())
