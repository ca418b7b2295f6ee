"""A live card shows a thing as it stands, redraws with the stream, and its buttons do what they say."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

import switchboard
from kernel.codec import encode
from kernel.events import ChatMessageReceived, FriendInviteAccepted, Relationship, TaskAssigned
from kernel.ids import ChatId, MessageId
from kernel.rows import Message, Sender
from switchboard import html
from tests.histories import history
from tests.notebooks.site import DEADLINE_S, Desk, desk


async def begun_chat(d: Desk) -> ChatId:
    """A chat about a task, as the notebook sees it too."""
    bot_id, player = d.world.add_bot(), d.world.player()
    task_id = await d.world.create_task(player)
    d.world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=bot_id))
    d.world.transport.relations[bot_id, player] = Relationship.FRIEND
    d.world.ctx.publish(FriendInviteAccepted(task_id=task_id, bot_id=bot_id, player=player))
    await d.caught_up()
    chat_id = d.sb.tasks[task_id].chat_id
    assert chat_id is not None
    return chat_id


def labels(card: switchboard.Card) -> list[str]:
    return [child.description for child in card.buttons.children if hasattr(child, "on_click")]


async def pressed(d: Desk, card: switchboard.Card, label: str) -> None:
    """Click, and wait for what is told of it."""
    next(child for child in card.buttons.children if getattr(child, "description", "") == label).click()
    await d.sb.wait(lambda: "…" not in card.note.value, DEADLINE_S)
    await d.caught_up()


async def test_a_chat_is_taken_over_written_in_and_given_back_by_its_cards_buttons() -> None:
    async with desk() as d:
        chat_id = await begun_chat(d)
        card = d.sb.card(chat_id)
        assert labels(card) == ["Send", "Take over"]

        await pressed(d, card, "Take over")
        assert d.sb.chats[chat_id].owner == "notebook:ben"
        assert "led by notebook:ben" in card.body.value
        assert labels(card) == ["Send", "Give back"]

        card.field.value = "A word from Ben"
        await pressed(d, card, "Send")
        assert d.sb.chats[chat_id].messages[-1].text == "A word from Ben"
        assert d.sb.chats[chat_id].messages[-1].author == "notebook:ben"
        assert card.field.value == ""
        assert "A word from Ben" in card.body.value

        await pressed(d, card, "Give back")
        assert d.sb.chats[chat_id].agent_enabled


async def test_a_card_redraws_when_the_player_writes_and_leaves_what_is_being_typed_alone() -> None:
    async with desk() as d:
        chat_id = await begun_chat(d)
        card = d.sb.card(d.sb.chats[chat_id])
        card.field.value = "half a sent"
        field = card.buttons.children[0]
        line = Message(
            id=MessageId("msg_1"), sender=Sender.PLAYER, text="<b>hello</b>", ts=d.world.clock.now(), author="player:1"
        )
        d.world.ctx.publish(ChatMessageReceived(chat_id=chat_id, message=line))
        await d.caught_up()

        assert "&lt;b&gt;hello" in card.body.value
        assert card.body.value == html.row(d.sb.chats[chat_id])
        assert card.buttons.children[0] is field and card.field.value == "half a sent"
        card.close()
        shown = card.body.value
        await d.sb.toggle_agent(chat_id, enabled=False)
        assert card.body.value == shown


async def test_a_refusal_is_told_on_the_card_in_words() -> None:
    async with desk() as d:
        chat_id = await begun_chat(d)
        card = d.sb.card(chat_id)
        await pressed(d, card, "Send")
        assert "give 1 to 2000 characters" in card.note.value

        await d.sb.pause_contact()
        card.field.value = "hello"
        await pressed(d, card, "Send")
        assert "has paused all contact" in card.note.value
        assert card.field.value == "hello", "what was not sent is not lost"
        with pytest.raises(KeyError, match=r"no button 'Sing'"):
            card.press("Sing")


async def test_a_task_is_disposed_and_the_fleets_contact_paused_and_resumed_from_their_cards() -> None:
    async with desk() as d:
        task_id = await d.sb.create_task("76561198000000001", "AK-47", "10", "12", "USD")
        task, fleet = d.sb.card(task_id), d.sb.card()

        await pressed(d, task, "Dispose")
        assert d.sb.tasks[task_id].status == "disposed"
        assert labels(task) == []
        await pressed(d, fleet, "Pause contact")
        assert d.sb.fleet.paused and "paused by notebook:ben" in fleet.body.value
        await pressed(d, fleet, "Resume contact")
        assert not d.sb.fleet.paused


async def test_the_card_of_what_is_gone_says_so_and_that_of_a_plugin_has_its_switch() -> None:
    async with desk() as d:
        bot_id = d.world.add_bot()
        await d.caught_up()
        card = d.sb.card(d.sb.bots[bot_id])
        await d.sb.remove_bot(bot_id)
        assert f"There is no {bot_id} any more" in card.body.value

        plugin = d.sb.card("tasks")
        await pressed(d, plugin, "Disable")
        assert d.sb.plugins["tasks"].status == "stopped"
        await pressed(d, plugin, "Enable")
        assert d.sb.plugins["tasks"].status == "running"
        assert repr(plugin).startswith("plugin: tasks")


async def test_a_card_in_a_place_without_widgets_says_what_to_install(monkeypatch: Any) -> None:
    async with desk() as d:
        monkeypatch.setitem(sys.modules, "ipywidgets", None)
        with pytest.raises(switchboard.NotInstalled, match=r"A live card needs ipywidgets.*\./notebooks\[notebook\]"):
            d.sb.card()
        with pytest.raises(TypeError, match="there is no card of a int"):
            d.sb.card(7)  # type: ignore[arg-type]


def test_a_slider_shows_a_chat_as_it_was_after_each_event_that_changed_it(tmp_path: Path) -> None:
    events = history(Random(23), 700)
    (tmp_path / "events.ndjson").write_bytes(b"".join(encode(event) + b"\n" for event in events))
    journal = switchboard.Journal(tmp_path / "events.ndjson")
    chat = max(journal.at().chats, key=lambda chat: len(chat.messages))
    slider = switchboard.scrub(journal, chat.id)

    first = events[slider.turns[0] - 1]
    assert first.kind == "chat.started" and f"event {first.seq}," in slider.when.value
    slider.slider.value = len(slider.turns) - 1
    assert slider.body.value == html.row(chat)
    slider.slider.value = len(slider.turns) // 2
    assert slider.body.value == html.row(journal.at(slider.turns[len(slider.turns) // 2]).chats[chat.id])
    assert len(switchboard.scrub(journal).turns) == 700
    with pytest.raises(KeyError, match="chat_none"):
        switchboard.scrub(journal, "chat_none")
