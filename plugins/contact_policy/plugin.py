"""The plugin: admission of outgoing commands, the commands about contact, and the notice of an agent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Final

from kernel.causality import is_person
from kernel.clock import Millis
from kernel.codes import KernelRefusal, LeftAlone
from kernel.commands import (
    AddDoNotContact,
    AddStopWord,
    AllowInvite,
    Command,
    ForgetPlayer,
    PauseContact,
    ReachesPlayer,
    RemoveDoNotContact,
    RemoveStopWord,
    ResumeContact,
)
from kernel.context import Context
from kernel.errors import Conflict, Forbidden, Malformed, NotFound, Unfinished
from kernel.events import (
    ContactPaused,
    ContactResumed,
    DoNotContactAdded,
    DoNotContactRemoved,
    PlayerInviteAllowed,
    StopWordAdded,
    StopWordRemoved,
)
from kernel.hookspecs import Rejection, Turn, hookimpl
from kernel.ids import SteamId64
from kernel.panels import Panel
from kernel.plugin import Plugin
from kernel.rows import InviteRefusal
from kernel.state import State
from plugins.contact_policy import forgetting
from plugins.contact_policy.admission import describe_refusal
from plugins.contact_policy.codes import ContactRefusal
from plugins.contact_policy.config import ContactPolicyConfig
from plugins.contact_policy.forgetting import Forgetting
from plugins.contact_policy.guard import Guard
from plugins.contact_policy.opt_out import OptOut
from plugins.contact_policy.panel import policy_panel
from plugins.contact_policy.stop_words import says_stop, stop_word
from plugins.contact_policy.unanswered import UnansweredContact

STOP_WORDS_MAX: Final = 500
"""Stop words that operators may add: every line of every player is searched for each."""


class ContactPolicy(Plugin[ContactPolicyConfig]):
    """Contact policy: the same rules about contacting players for agents, operators and plugins."""

    Config = ContactPolicyConfig
    essential: ClassVar[bool] = True
    required: ClassVar[bool] = True

    def __init__(self, ctx: Context, config: ContactPolicyConfig) -> None:
        super().__init__(ctx, config)
        self._guard = Guard(config)
        self._notices = config.all_notices
        self._team = config.team_words
        self._forgetting = Forgetting(ctx, config.forget_after_days)

    async def start(self) -> None:
        self.ctx.handle(AddDoNotContact, self.add_do_not_contact)
        self.ctx.handle(RemoveDoNotContact, self.remove_do_not_contact, check=self._require_listed)
        self.ctx.handle(AllowInvite, self.allow_invite, check=self._in_doubt)
        self.ctx.handle(PauseContact, self.pause)
        self.ctx.handle(ResumeContact, self.resume, check=self._require_person)
        self.ctx.handle(AddStopWord, self.add_stop_word, check=self._new_stop_word)
        self.ctx.handle(RemoveStopWord, self.remove_stop_word, check=self._known_stop_word)
        self._unanswered = UnansweredContact(self.ctx)
        self._unanswered.start()
        self._forgetting.open()
        self.ctx.handle(ForgetPlayer, self._forgetting.forget)
        self._opt_out = OptOut(self.ctx, self._team)
        self._opt_out.subscribe()

    @hookimpl
    def admit(self, command: Command[Any], state: State, now: Millis) -> Rejection | None:
        return self._forgetting.judge(command, state) or self._guard.judge(command, state, now, self.ctx.actor)

    @hookimpl
    def preface(self, turn: Turn) -> str | None:
        return self._notices.get(turn.task.language or "") or self._notices[self.config.language]

    @hookimpl
    def panel(self) -> Panel:
        return policy_panel(self.ctx.state, self.config, self.ctx.clock.now())

    async def add_do_not_contact(self, command: AddDoNotContact) -> None:
        """Answered when nothing to the player is on its way any more. Idempotent: the first entry stays."""
        if self.ctx.state.left_alone(command.player) is None:
            reason = LeftAlone.OPERATOR if is_person(self.ctx.actor) else LeftAlone.PROGRAM
            self.ctx.publish(DoNotContactAdded(player=command.player, reason=reason))
        await self._settle(
            lambda c: isinstance(c, ReachesPlayer) and c.player == command.player,
            f"{command.player} is on the do-not-contact list",
            command.player,
        )

    def remove_do_not_contact(self, command: RemoveDoNotContact) -> None:
        player = self._require_listed(command)
        friends = tuple(self._opt_out.friends(player))
        self.ctx.publish(DoNotContactRemoved(player=player, friends=friends))

    def allow_invite(self, command: AllowInvite) -> None:
        accounts = self._in_doubt(command)
        self.ctx.publish(PlayerInviteAllowed(player=command.player, accounts=accounts))

    async def pause(self, command: PauseContact) -> None:
        """Answered when nothing to any player is on its way any more. Idempotent, but each call waits."""
        if not self.ctx.state.contact.paused:
            self.ctx.publish(ContactPaused(reason=command.reason))
        await self._settle(lambda c: isinstance(c, ReachesPlayer), "Contact is paused")

    def resume(self, command: ResumeContact) -> None:
        self._require_person(command)
        if self.ctx.state.contact.paused:
            self.ctx.publish(ContactResumed())

    def add_stop_word(self, command: AddStopWord) -> None:
        word = self._new_stop_word(command)
        if word is not None:
            self.ctx.publish(StopWordAdded(word=word))

    def remove_stop_word(self, command: RemoveStopWord) -> None:
        self.ctx.publish(StopWordRemoved(word=self._known_stop_word(command)))

    def _require_listed(self, command: RemoveDoNotContact) -> SteamId64:
        """The player, or their pseudonym where they were forgotten. Raises NotFound, Forbidden."""
        self._require_person(command)
        if self.ctx.state.left_alone(command.player) is not None:
            return command.player
        pseudonym = self._forgetting.known_as(command.player)
        if self.ctx.state.left_alone(pseudonym) is None:
            raise NotFound(
                ContactRefusal.NOT_LISTED,
                f"{command.player} is not on the do-not-contact list.",
                field="playerSteamId64",
            )
        return pseudonym

    def _in_doubt(self, command: AllowInvite) -> tuple[SteamId64, ...]:
        """The accounts whose invite the player may still see. Raises Conflict, or NotFound if nothing is in doubt."""
        self._require_person(command)
        refusal = self.ctx.state.invite_refusal(command.player)
        if refusal is not None and refusal is not InviteRefusal.IN_DOUBT:
            text = describe_refusal(command.player, refusal)
            raise Conflict(ContactRefusal.INVITE_REFUSED_BEFORE, text, field="playerSteamId64")
        accounts = tuple(self.ctx.state.index.left_behind.get(command.player, ()))
        if refusal is None and not accounts:
            text = f"Nothing is in doubt about invites to {command.player}."
            raise NotFound(ContactRefusal.NOTHING_IN_DOUBT, text, field="playerSteamId64")
        return accounts

    def _new_stop_word(self, command: AddStopWord) -> str | None:
        """The word in its stored form; None when the stop words match it already."""
        word = stop_word(command.word)
        if not word:
            text = "word: has no letter or digit by which it could be recognised"
            raise Malformed(KernelRefusal.INVALID_COMMAND, text, field="word")
        known = self.ctx.state.contact.stop_words
        if says_stop(word, known, self._team):
            return None  # by itself or within another
        if len(known) >= STOP_WORDS_MAX:
            text = f"There are {STOP_WORDS_MAX} stop words already; remove one that is not needed first."
            raise Conflict(ContactRefusal.TOO_MANY_STOP_WORDS, text, field="word")
        return word

    def _known_stop_word(self, command: RemoveStopWord) -> str:
        """The word in its stored form. Raises NotFound where operators have not added it."""
        self._require_person(command)
        word = stop_word(command.word)
        if word not in self.ctx.state.contact.stop_words:
            text = f"{word!r} is none of the words that operators added; the built-in ones stay."
            raise NotFound(ContactRefusal.NO_SUCH_STOP_WORD, text, field="word")
        return word

    @classmethod
    def begin_forgetting_in(cls, data: Path, player: SteamId64) -> SteamId64:
        """The pseudonym of somebody who is to be forgotten in a folder whose system has stopped. Raises OSError."""
        return forgetting.begin(data / "contact_policy", player)

    @classmethod
    def forgotten_in(cls, data: Path, pseudonym: SteamId64) -> None:
        """Nothing has their SteamID any more; the next start leaves the pseudonym alone. Raises OSError."""
        forgetting.finish_at_start(data / "contact_policy", pseudonym)

    def _require_person(self, command: Command[Any]) -> None:
        """Raises Forbidden for a program: commands that loosen the rules are for people."""
        if not is_person(self.ctx.actor):
            text = f"{self.ctx.actor} is a program; {command.kind} is for operators, and for notebooks, by name."
            raise Forbidden(KernelRefusal.PERSONS_ONLY, text)

    async def _settle(
        self, matching: Callable[[Command[Any]], bool], done: str, player: SteamId64 | None = None
    ) -> None:
        """Wait for outgoing commands admitted before, and for what left for the player, or for any, without an answer.

        Raises Unfinished at the deadline; the decision stands.
        """
        try:
            async with asyncio.timeout(self.config.settle_deadline_s):
                await self.ctx.settled(matching)
                await self._unanswered.over(player)
        except TimeoutError:
            text = f"{done}, and nothing new goes out; but something sent before is still under way. Ask again to wait."
            raise Unfinished(KernelRefusal.STILL_UNDER_WAY, text, retry_after=1_000) from None
