"""The world and its log: whatever is done, it stays consistent, and what was logged comes back."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.testing import ManualClock
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.accounts import Accounts
from plugins.steam_sim.backend import Backend
from plugins.steam_sim.chat import FriendChats, escape, unescape
from plugins.steam_sim.errors import LogBroken, SteamRefused
from plugins.steam_sim.friendship import Friendships
from plugins.steam_sim.world import IGNORING, CodeUsed, MessagesViewed, TokenIssued, TokensRevoked, World
from plugins.steam_sim.world_log import WorldLog

ACCOUNTS = Accounts(1, bots=2, players=2)
IDS = [account.steam_id64 for account in ACCOUNTS]
MUTUAL = {
    (EFriendRelationship.NONE, EFriendRelationship.NONE),
    (EFriendRelationship.FRIEND, EFriendRelationship.FRIEND),
    (EFriendRelationship.REQUEST_INITIATOR, EFriendRelationship.REQUEST_RECIPIENT),
    (EFriendRelationship.REQUEST_RECIPIENT, EFriendRelationship.REQUEST_INITIATOR),
}

deeds = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "add", "remove", "ignore", "unignore", "say", "say", "view", "sleep"]),
        st.sampled_from(IDS),
        st.sampled_from(IDS),
        st.integers(-3_000, 3_000),
    ),
    max_size=40,
)


class WaywardClock(ManualClock):
    """Goes wherever it is told, backwards too."""

    def jump(self, span: int) -> None:
        self._now += span


def do(backend: Backend, clock: WaywardClock, deed: str, actor: int, target: int, span: int) -> None:
    """One deed; that it may be refused is part of the rules."""
    friendships, chats = Friendships(backend, ACCOUNTS), FriendChats(backend)
    try:
        match deed:
            case "add":
                friendships.add(actor, target)
            case "remove":
                friendships.remove(actor, target)
            case "ignore" | "unignore":
                friendships.ignore(actor, target, undo=deed == "unignore")
            case "say":
                chats.say(actor, target, f"[{span}]")
            case "view":
                chats.view(actor, target, backend.seconds() + span)
            case _:
                clock.jump(span)
    except SteamRefused:
        pass


def picture(world: World) -> object:
    """Everything that can be seen of a world."""
    return {
        one: (
            sorted(world.relationships(one)),
            {other: (list(talk.messages), dict(talk.viewed)) for other, talk in world.conversations(one)},
        )
        for one in IDS
    }


@given(deeds)
def test_whatever_is_done_the_world_is_consistent_and_comes_back_from_its_log(
    done: list[tuple[str, int, int, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock, log = WaywardClock(), WorldLog(Path(folder) / "world.log")
        log.open()
        backend = Backend(log, clock)
        for deed in done:
            do(backend, clock, *deed)
        log.close()
        log.open()
        recovered = Backend(log, clock)
        recovered.recover()
        log.close()

    world = backend.world
    assert picture(recovered.world) == picture(world)
    for one in IDS:
        assert world.relationship(one, one) is EFriendRelationship.NONE
        for other in IDS:
            pair = (world.relationship(one, other), world.relationship(other, one))
            assert pair in MUTUAL or any(sees in IGNORING for sees in pair)
            assert not (pair[0] in IGNORING and pair[1] is EFriendRelationship.FRIEND)
            positions = [message.position for message in world.conversation(one, other).messages]
            assert positions == sorted(set(positions))


@given(cut=st.integers(0, 2_000))
def test_a_log_cut_at_any_byte_gives_the_world_of_the_lines_before(cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, clock = Path(folder) / "world.log", WaywardClock()
        log = WorldLog(path)
        log.open()
        backend = Backend(log, clock)
        pictures = [picture(backend.world)]
        do(backend, clock, "add", IDS[0], IDS[1], 0)
        pictures.append(picture(backend.world))
        do(backend, clock, "add", IDS[1], IDS[0], 0)
        pictures.append(picture(backend.world))
        for number in range(5):
            do(backend, clock, "say", IDS[0], IDS[1], number)
            pictures.append(picture(backend.world))
        log.close()
        whole = path.read_bytes()
        path.write_bytes(whole[:cut])
        log.open()
        recovered = Backend(log, clock)
        recovered.recover()
        do(recovered, clock, "add", IDS[2], IDS[3], 0)
        log.close()
        lines = path.read_bytes()

    assert lines.startswith(whole[: whole[:cut].rfind(b"\n") + 1])
    assert lines.endswith(b"\n")
    assert recovered.world.relationship(IDS[2], IDS[3]) is EFriendRelationship.REQUEST_INITIATOR
    recovered.world._relate(IDS[2], IDS[3], EFriendRelationship.NONE)
    recovered.world._relate(IDS[3], IDS[2], EFriendRelationship.NONE)
    assert picture(recovered.world) == pictures[whole[:cut].count(b"\n")]


def test_a_broken_line_in_the_middle_is_named_and_not_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "world.log"
    path.write_bytes(b'{"type":"code","owner":1,"step":2}\n{"type":"co\n{"type":"code","owner":1,"step":3}\n')
    log = WorldLog(path)
    log.open()

    with pytest.raises(LogBroken, match=r"world\.log, line 2"):
        Backend(log, ManualClock()).recover()
    log.close()


def test_what_cannot_be_logged_does_not_happen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = WorldLog(tmp_path / "world.log")
    log.open()
    backend = Backend(log, ManualClock())
    heard: list[object] = []
    backend.subscribe(lambda occurrence, _: heard.append(occurrence))

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("plugins.steam_sim.world_log.os.write", full)
    with pytest.raises(OSError, match="No space"):
        Friendships(backend, ACCOUNTS).add(IDS[0], IDS[1])
    backend.announce()
    monkeypatch.undo()

    assert not heard
    assert not list(backend.world.relationships(IDS[0]))
    Friendships(backend, ACCOUNTS).add(IDS[0], IDS[1])
    assert len(list(log.replay())) == 1
    log.close()


def test_a_renewed_token_kills_the_one_before_and_a_revocation_all() -> None:
    world = World()
    world.apply(TokenIssued("a", "1", IDS[0], ("client",), 9))
    world.apply(TokenIssued("b", "2", IDS[0], ("client",), 9, replaces="a"))
    world.apply(TokenIssued("c", "3", IDS[1], ("client",), 9))
    assert world.token("a") is None
    assert world.token("b") is not None

    world.apply(TokensRevoked(IDS[0]))
    assert world.token("b") is None
    assert world.token("c") is not None


def test_marks_only_move_forward() -> None:
    world = World()
    for step in (5, 3):
        world.apply(CodeUsed(IDS[0], step))
        world.apply(MessagesViewed(IDS[0], IDS[1], step))

    assert world.last_code_step(IDS[0]) == 5
    assert world.conversation(IDS[0], IDS[1]).viewed == {IDS[0]: 5}


@given(st.text())
def test_an_escaped_text_shows_as_itself(text: str) -> None:
    assert unescape(escape(text)) == text
