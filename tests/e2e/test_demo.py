"""The demonstration in a process of its own: what it tells, a kill in its midst, an agent of another distribution."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from kernel.events import BotAdded, ChatMessageQueued, TaskCreated
from kernel.rows import Sender, TaskStatus
from tests.e2e.running import fold, of, read_journal, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
AGENT = Path(__file__).parents[1] / "fixtures" / "echo_agent"


def test_no_secret_of_bots_that_have_signed_in_is_told_anywhere(tmp_path: Path) -> None:
    with running(tmp_path, "--bots", "2", "--players", "2") as demo:
        address, token = demo.address
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}) as client:
            served = client.get("/metrics").text + client.get("/api/openapi.json").text + snapshot(client)
        demo.line(r"bots 2/2 connected; tasks 2/2")
        demo.interrupt()
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
