"""Segments written anew without a person: whatever it is stopped by, and whatever lines there are."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kernel.codec import decode_envelopes
from kernel.events import ChatStarted
from kernel.forgetting import pseudonym_of
from kernel.ids import SteamId64
from kernel.segments import Segments
from kernel.testing import World
from plugins.journal import Journal, forgetting, pruning
from plugins.journal.scrubbing import Scrubbing
from plugins.journal.verification import verify
from tests.plugins.history.remains import traces
from tests.plugins.journal.test_faults import state_of
from tests.plugins.journal.test_journal import until
from tests.plugins.journal.test_segments import (
    EVENTS,
    SMALL,
    copied_before_each_step,
    is_sealed,
    manifest_of,
    sealed_folder,
    whole,
)

PLAYER = next(e.payload.player for e in EVENTS if isinstance(e.payload, ChatStarted))
PERSONS = {PLAYER: pseudonym_of(b"key", PLAYER)}
CHAT, TASK = "chat_01h455vb4pex5vsknk084sn02q", "task_01h455vb4pex5vsknk084sn02r"
OTHER = SteamId64("76561198000000777")


async def test_a_start_goes_on_from_each_step_of_a_rewriting(tmp_path: Path) -> None:
    data, copies_in = tmp_path / "data", tmp_path / "copies"
    await sealed_folder(data)
    copies_in.mkdir()
    with copied_before_each_step(data / "journal", copies_in) as copies:
        await asyncio.to_thread(forgetting.forget, data, PERSONS)
    content = whole(data)
    assert len(copies) >= 8
    assert traces(data, (PLAYER,)) == {}
    state = await state_of(data)

    for number, copy in enumerate(copies[::2]):  # those between take as long and tell the same
        told = [finding.text for finding in verify(copy)]
        async with World(Journal, data=copy, config=SMALL):
            await until(lambda: is_sealed(copy) and not manifest_of(copy).rewritten)  # noqa: B023 - at once
        assert not list((copy / "journal").glob("*.new"))
        assert not [finding.text for finding in verify(copy) if finding.is_fault], (number, told)
        await asyncio.to_thread(forgetting.forget, copy, PERSONS)
        assert traces(copy, (PLAYER,)) == {}
        assert whole(copy).splitlines()[: len(content.splitlines())] == content.splitlines()
    assert await state_of(data) == state


async def test_the_base_of_a_pruned_journal_is_written_anew_too(tmp_path: Path) -> None:
    await sealed_folder(tmp_path)
    last = manifest_of(tmp_path).segments[1].last
    await asyncio.to_thread(pruning.prune, tmp_path, str(last + 1), None, lambda _: None, really=True)
    before = await state_of(tmp_path)
    assert traces(tmp_path, (PLAYER,))

    await asyncio.to_thread(forgetting.forget, tmp_path, PERSONS)

    assert traces(tmp_path, (PLAYER,)) == {}
    assert not [finding.text for finding in verify(tmp_path) if finding.is_fault]
    after = await state_of(tmp_path)
    assert after.keys() == before.keys()
    seqs = [e.seq for e in decode_envelopes(b"".join(Segments(tmp_path / "journal").lines(last)))]
    assert seqs == list(range(last + 1, last + 1 + len(seqs)))


def line(kind: str, payload: dict[str, Any], actor: str = "plugin:x") -> bytes:
    whole = {"seq": 7, "ts": 5, "actor": actor, "cause": None, "kind": kind, "payload": payload}
    return msgspec.json.encode(whole)


BEGUN = (
    line("chat.started", {"chatId": CHAT, "botId": "bot_1", "playerSteamId64": PLAYER}),
    line("player.personaChanged", {"playerSteamId64": PLAYER, "persona": {"name": "Zoë"}}),
    line("task.created", {"taskId": TASK, "playerSteamId64": PLAYER, "item": "x"}),
)
SAID = {"source": "x", "message": f"{PLAYER} hangs", "detail": "!"}
DONE = {"action": "x", "result": "ok", "address": "::1", "via": "y", "subject": PLAYER}
MOOD = {"chatId": CHAT, "mood": "cross", "about": "злится", "said": "go away"}
FELL = {"taskId": TASK, "reason": "tradeHold", "detail": "he"}
SCRUBBED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("chat.noteAdded", {"chatId": CHAT, "noteId": "n", "text": "shy"}, {"text": ""}),
    ("chat.noteAdded", {"chatId": "chat_2", "noteId": "n", "text": f"as {PLAYER}"}, {"text": "as P"}),
    ("task.traded", {"taskId": TASK, "reversibleUntil": 5, "offerId": "61", "note": None}, {"offerId": None}),
    ("task.fellThrough", FELL, {"detail": "", "reason": "tradeHold"}),
    ("chat.messageFailed", {"chatId": CHAT, "messageId": "m", "reason": "lost", "detail": "to Zoë"}, {"detail": ""}),
    ("doNotContact.added", {"playerSteamId64": PLAYER, "reason": "saidStop"}, {"reason": "saidStop"}),
    ("player.archived", {"players": [OTHER, PLAYER]}, {"players": [OTHER, "P"]}),
    ("error.logged", SAID, {"message": "P hangs", "detail": "!"}),
    ("audit.recorded", DONE, {"subject": "P", "address": "::1"}),
    ("mood.told", MOOD, {"chatId": CHAT, "mood": "cross", "about": "", "said": ""}),
    ("mood.told", {"who": int(PLAYER), "by": {PLAYER: ["a b"]}}, {"who": "P", "by": {"P": [""]}}),
    ("mood.told", {"chatId": CHAT, "of": f"{PLAYER}", "about": f"as {PLAYER}"}, {"of": "P", "about": ""}),
]


@pytest.mark.parametrize(("kind", "payload", "expected"), SCRUBBED)
def test_of_a_line_about_a_person_the_codes_stay_and_the_words_go(
    kind: str, payload: dict[str, Any], expected: dict[str, Any]
) -> None:
    scrubbing = Scrubbing(PERSONS)
    scrubbing.learn(b"\n".join(BEGUN))

    scrubbed = scrubbing.scrub(line(kind, payload) + b"\n")

    assert scrubbed.startswith(b'{"seq":7,') and scrubbed.endswith(b"}\n")
    told = json.loads(scrubbed.replace(PERSONS[PLAYER].encode(), b"P").replace(b":P,", b':"P",'))
    assert told["kind"] == kind
    assert {name: told["payload"].get(name) for name in expected} == expected


def test_of_other_lines_every_byte_stays() -> None:
    scrubbing = Scrubbing(PERSONS)
    scrubbing.learn(b"\n".join(BEGUN))
    lines = line("error.logged", {"source": "x", "message": "Zoë", "detail": None}) + b"\n"

    assert scrubbing.scrub(lines) == lines
