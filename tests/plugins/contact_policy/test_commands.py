"""The commands about contact: who may give them, what they answer, and when."""

from __future__ import annotations

import asyncio

import pytest

from kernel.clock import MINUTE
from kernel.commands import (
    AddDoNotContact,
    AddStopWord,
    AllowInvite,
    Command,
    DeliverMessage,
    PauseContact,
    RemoveDoNotContact,
    RemoveStopWord,
    ResumeContact,
)
from kernel.errors import Conflict, Forbidden, Malformed, NotFound, Unfinished
from kernel.events import (
    ChatMessageSending,
    ChatMessageSent,
    ChatMessageUnanswered,
    ContactPaused,
    ContactResumed,
    DoNotContactAdded,
    DoNotContactRemoved,
    Event,
    FriendInviteLeftBehind,
    FriendInviteSent,
    FriendInviteTakenBack,
    PlayerInviteAllowed,
    StopWordAdded,
    StopWordRemoved,
)
from kernel.hookspecs import Trigger, Turn
from kernel.ids import SteamId64
from kernel.rows import InviteRefusal
from kernel.testing import idle
from plugins.contact_policy.config import SHIPPED_NOTICES
from plugins.contact_policy.plugin import STOP_WORDS_MAX
from tests.plugins.contact_policy.scene import AGENT, NOTICE, Scene, scene

PROGRAMS = [AGENT, "plugin:somebody", "player:76561198000000001", "kernel"]
PERSONS = ["operator:anna", "notebook:lab"]


class Held:
    """A message that Steam does not answer until it is let go."""

    def __init__(self, it: Scene) -> None:
        self._go = asyncio.Event()
        it.world.transport.deliver_holds = self._wait

    async def _wait(self, command: DeliverMessage) -> None:
        await self._go.wait()

    @property
    def is_over(self) -> bool:
        return self._go.is_set()

    def release(self) -> None:
        self._go.set()


# the list


@pytest.mark.parametrize(("actor", "reason"), [("operator:anna", "operator"), (AGENT, "program")])
async def test_anyone_may_have_a_player_left_alone_and_the_list_says_who_did(actor: str, reason: str) -> None:
    async with scene() as it:
        await it.world.execute(AddDoNotContact(player=(player := it.world.player())), actor=actor)

        entry = it.state.players[player].do_not_contact
        assert entry is not None
        assert (entry.reason, entry.by) == (reason, actor)


async def test_listing_someone_twice_keeps_the_first_entry() -> None:
    async with scene() as it:
        _, chat = it.deal(player := it.world.player(), it.world.add_bot())
        it.hear(chat, "stop")
        await it.world.execute(AddDoNotContact(player=player))

        assert it.listed_for(player) == "saidStop"
        assert len(it.world.happened(DoNotContactAdded)) == 1


@pytest.mark.parametrize("person", PERSONS)
async def test_a_person_takes_a_player_off_the_list_by_name(person: str) -> None:
    async with scene() as it:
        await it.world.execute(AddDoNotContact(player=(player := it.world.player())))
        await it.world.execute(RemoveDoNotContact(player=player), actor=person)

        assert it.listed_for(player) is None
        assert (it.world.events[-1].kind, it.world.events[-1].actor) == (DoNotContactRemoved.kind, person)
        await it.world.create_task(player)


@pytest.mark.parametrize("program", PROGRAMS)
async def test_no_program_loosens_the_care(program: str) -> None:
    async with scene() as it:
        player = it.world.player()
        await it.world.execute(AddDoNotContact(player=player))
        await it.world.execute(AddStopWord(word="basta"))
        await it.world.execute(PauseContact())

        for command in (RemoveDoNotContact(player=player), RemoveStopWord(word="basta"), ResumeContact()):
            refusal = await it.world.refusal(command, actor=program)
            assert isinstance(refusal, Forbidden)
            assert program in refusal.message
        assert it.listed_for(player) == "operator"
        assert it.state.contact.paused


async def test_who_is_not_on_the_list_cannot_be_taken_off() -> None:
    async with scene() as it:
        refusal = await it.world.refusal(RemoveDoNotContact(player=it.world.player()))

        assert isinstance(refusal, NotFound)
        assert refusal.code == "notListed"


@pytest.mark.parametrize("person", PERSONS)
async def test_a_person_who_has_looked_allows_an_invite_that_was_in_doubt(person: str) -> None:
    async with scene() as it:
        player, account = it.world.player(), SteamId64("76561199000000099")
        it.world.ctx.publish(FriendInviteLeftBehind(steam_id64=account, player=player))
        doubt = FriendInviteTakenBack(steam_id64=account, player=player, refusal=InviteRefusal.IN_DOUBT)
        it.world.ctx.publish(doubt)
        it.world.ctx.publish(FriendInviteLeftBehind(steam_id64=account, player=player))

        for program in PROGRAMS:
            refusal = await it.world.refusal(AllowInvite(player=player), actor=program)
            assert (isinstance(refusal, Forbidden), refusal.code) == (True, "personsOnly")
        await it.world.execute(AllowInvite(player=player), actor=person)

        (allowed,) = it.world.happened(PlayerInviteAllowed)
        assert (allowed.player, allowed.accounts) == (player, (account,))
        assert (it.world.events[-1].kind, it.world.events[-1].actor) == (PlayerInviteAllowed.kind, person)
        await it.world.create_task(player)


@pytest.mark.parametrize("refusal", [InviteRefusal.DECLINED, InviteRefusal.LAPSED])
async def test_nobody_allows_an_invite_to_who_has_declined_or_let_one_lapse(refusal: InviteRefusal) -> None:
    async with scene() as it:
        player, account = it.world.player(), SteamId64("76561199000000099")
        it.world.ctx.publish(FriendInviteLeftBehind(steam_id64=account, player=player))
        it.world.ctx.publish(FriendInviteTakenBack(steam_id64=account, player=player, refusal=refusal))
        it.world.ctx.publish(FriendInviteLeftBehind(steam_id64=account, player=player))

        refused = await it.world.refusal(AllowInvite(player=player))

        assert (isinstance(refused, Conflict), refused.code) == (True, "inviteRefusedBefore")
        assert it.state.players[player].invite_refusal is refusal


async def test_where_nothing_is_in_doubt_there_is_nothing_to_allow() -> None:
    async with scene() as it:
        refusal = await it.world.refusal(AllowInvite(player=it.world.player()))

        assert (isinstance(refusal, NotFound), refusal.code) == (True, "nothingInDoubt")


async def test_listing_is_answered_when_nothing_is_on_its_way_to_the_player_any_more() -> None:
    async with scene() as it:
        player, other = it.world.player(), it.world.player()
        chats = [it.deal(someone, it.world.add_bot())[1] for someone in (player, other)]
        held = Held(it)
        lines = [asyncio.create_task(it.deliver(chat, NOTICE)) for chat in chats]
        await idle()
        listing = asyncio.create_task(it.world.ctx.execute(AddDoNotContact(player=player)))
        await idle()
        assert it.listed_for(player) == "program"
        assert not listing.done()

        bystander = it.world.player()
        await it.world.execute(AddDoNotContact(player=bystander))
        assert not held.is_over, "what is on its way to others is not waited for"

        held.release()
        await listing
        await asyncio.gather(*lines)
        assert len(it.delivered) == 2


# the pause


async def test_a_pause_is_answered_when_nothing_is_on_its_way_to_anyone_any_more() -> None:
    async with scene() as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        held = Held(it)
        line = asyncio.create_task(it.deliver(chat, NOTICE))
        await idle()
        pause = asyncio.create_task(it.world.ctx.execute(PauseContact(), actor="operator:anna"))
        await idle()
        assert it.state.contact.paused, "nothing new goes out from the first moment on"
        assert not pause.done()

        held.release()
        await pause
        await line
        assert (await it.world.refusal(it.queue(chat, "More"))).code == "contactPaused"


@pytest.mark.parametrize("command", [PauseContact(), None])
async def test_when_something_hangs_the_answer_says_so_and_the_decision_stands(command: PauseContact | None) -> None:
    async with scene({"settle_deadline_s": 0.01}) as it:
        player = it.world.player()
        _, chat = it.deal(player, it.world.add_bot())
        held = Held(it)
        line = asyncio.create_task(it.deliver(chat, NOTICE))
        await idle()

        with pytest.raises(Unfinished) as refused:
            await it.world.execute(command or AddDoNotContact(player=player))
        assert refused.value.code == "stillUnderWay"
        assert it.state.contact.paused if command else it.listed_for(player) == "operator"

        held.release()
        await line
        await it.world.execute(command or AddDoNotContact(player=player))


@pytest.mark.parametrize("command", [PauseContact(), None])
@pytest.mark.parametrize("what", ["invite", "message"])
@pytest.mark.parametrize("told", [False, True])
async def test_what_left_without_an_answer_counts_as_on_its_way_for_a_minute(
    command: PauseContact | None, what: str, told: bool
) -> None:
    """Its connection is gone, and what was written to it can still be read by Steam."""
    async with scene({"settle_deadline_s": 0.001}) as it:
        player, bot = it.world.player(), it.world.add_bot()
        task, chat = it.deal(player, bot)
        if what == "invite":
            it.request_invite(task)
            found: Event = FriendInviteSent(task_id=task, bot_id=bot, player=player)
        else:
            line = it.queue(chat, NOTICE)
            it.world.ctx.publish(ChatMessageSending(chat_id=chat, message_id=line.message_id))
            detail = "The line dropped."
            it.world.ctx.publish(ChatMessageUnanswered(chat_id=chat, message_id=line.message_id, detail=detail))
            found = ChatMessageSent(chat_id=chat, message_id=line.message_id, steam_ts=1, ordinal=1)
        await it.world.execute(AddDoNotContact(player=it.world.player()))  # nothing is on its way to them
        with pytest.raises(Unfinished):
            await it.world.execute(command or AddDoNotContact(player=player))
        if told:
            it.world.ctx.publish(found)
        else:
            await it.world.clock.advance(MINUTE)
        await it.world.execute(command or AddDoNotContact(player=player))


async def test_what_waits_in_a_lane_behind_a_message_does_not_slip_out_after_a_pause() -> None:
    async with scene() as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        await it.deliver(chat, NOTICE)
        held = Held(it)
        first, second = it.queue(chat, "one"), it.queue(chat, "two")
        sends = [asyncio.create_task(it.world.ctx.execute(line)) for line in (first, second)]
        await idle()
        pause = asyncio.create_task(it.world.ctx.execute(PauseContact()))
        await idle()
        held.release()
        await pause

        outcomes = await asyncio.gather(*sends, return_exceptions=True)
        assert it.delivered == [NOTICE, "one"]
        assert getattr(outcomes[1], "code", None) == "contactPaused"


async def test_pausing_and_resuming_twice_is_once() -> None:
    async with scene() as it:
        await it.world.execute(PauseContact(reason="Steam is down"))
        await it.world.execute(PauseContact(reason="again"), actor="operator:boris")
        assert it.state.contact.paused_by == "operator:anna"

        await it.world.execute(ResumeContact())
        await it.world.execute(ResumeContact())
        assert not it.state.contact.paused
        assert [len(it.world.happened(event)) for event in (ContactPaused, ContactResumed)] == [1, 1]


@pytest.mark.parametrize("actor", [*PROGRAMS, *PERSONS])
async def test_anyone_may_pause(actor: str) -> None:
    async with scene() as it:
        await it.world.execute(PauseContact(), actor=actor)

        assert it.state.contact.paused_by == actor


async def test_after_a_pause_the_messages_go_out_again() -> None:
    async with scene() as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        line = it.queue(chat, NOTICE)
        await it.world.execute(PauseContact())
        await it.world.refusal(line)
        await it.world.execute(ResumeContact())
        await it.world.execute(line)

        assert it.delivered == [NOTICE]


# the operator's stop words


async def test_a_word_is_kept_in_one_form_and_goes_by_any_other() -> None:
    async with scene() as it:
        await it.world.execute(AddStopWord(word="  Ripozu-NUN! "))
        assert it.state.contact.stop_words == ("ripozu nun",)

        await it.world.execute(AddStopWord(word="RIPOZU nun"))
        assert len(it.world.happened(StopWordAdded)) == 1

        await it.world.execute(RemoveStopWord(word="ripozu NUN"))
        assert not it.state.contact.stop_words
        assert len(it.world.happened(StopWordRemoved)) == 1


async def test_a_word_that_is_heard_already_changes_nothing() -> None:
    async with scene() as it:
        await it.world.execute(AddStopWord(word="СТОП!"))

        assert not it.state.contact.stop_words


@pytest.mark.parametrize("word", ["стоп", "basta"])
async def test_a_word_that_nobody_added_cannot_be_removed(word: str) -> None:
    async with scene() as it:
        refusal = await it.world.refusal(RemoveStopWord(word=word))

        assert isinstance(refusal, NotFound)
        assert (refusal.code, refusal.field) == ("noSuchStopWord", "word")


async def test_a_word_without_a_letter_is_refused_since_it_could_never_be_found() -> None:
    async with scene() as it:
        refusal = await it.world.refusal(AddStopWord(word="!?"))

        assert isinstance(refusal, Malformed)
        assert refusal.field == "word"


async def test_there_is_an_end_to_the_words() -> None:
    async with scene() as it:
        for number in range(STOP_WORDS_MAX):
            it.world.ctx.publish(StopWordAdded(word=f"word{number}"))
        refusal = await it.world.refusal(AddStopWord(word="one more"))

        assert isinstance(refusal, Conflict)
        assert refusal.code == "tooManyStopWords"


# the notice


@pytest.mark.parametrize(("language", "expected"), [("en", "en"), ("ru", "ru"), ("de", "ru"), (None, "ru")])
async def test_the_notice_is_in_the_players_language_or_in_that_of_the_config(
    language: str | None, expected: str
) -> None:
    async with scene({"language": "ru"}) as it:
        bot = it.world.add_bot()
        task = await it.world.create_task(language=language)
        chat = it.chat(it.state.tasks[task].player, bot, task)
        turn = Turn(
            chat=it.state.chats[chat],
            task=it.state.tasks[task],
            bot=it.state.bots[bot],
            trigger=Trigger.STARTED,
            text="",
            now=it.world.clock.now(),
        )
        preface = it.world.ctx.hooks.preface(turn)

        assert preface == SHIPPED_NOTICES[expected]
        await it.deliver(chat, f"{preface}\n\nHi!")


@pytest.mark.parametrize("command", [AddStopWord(word="basta"), PauseContact(), ResumeContact()])
async def test_the_commands_about_contact_are_themselves_held_back_by_nothing(command: Command[None]) -> None:
    async with scene() as it:
        await it.world.execute(PauseContact())
        await it.world.execute(command)
