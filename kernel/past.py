"""The hooks about what has been, put to the journal, its archive and the transport; part of `kernel.hookspecs`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pluggy

from kernel.codes import KernelRefusal, RefusalCode
from kernel.errors import NotFound
from kernel.forgetting import ForgottenPersons
from kernel.ids import BotId

if TYPE_CHECKING:
    from kernel.hooks import HookRegistry

PROJECT: Final = "switchboard"
hookspec = pluggy.HookspecMarker(PROJECT)


class PastHooks:
    """Their specifications."""

    @hookspec
    def recall(self, kind: str) -> Iterator[bytes] | None:
        """The lines of all events of that kind that are on disk, oldest first. It reads files: use it in a thread."""

    @hookspec
    def events_after(self, seq: int, upto: int | None) -> Iterator[bytes] | None:
        """The committed lines behind event `seq`, oldest first, in chunks of whole lines of about 128 KiB; it ends at
        event `upto`, or at what was committed when it was asked. One event is `events_after(n - 1, n)`. Files are read
        as it goes, on any thread. Raises EventsUnreadable where an event is pruned or damaged, and OSError."""

    @hookspec
    def heard_until(self, bot_id: BotId) -> int | None:
        """The unix second, by Steam's clock, up to which all that people wrote to the bot has been told; where it is
        off or catching up, where that began. None where nobody knows the bot."""

    @hookspec
    def archived_upto(self) -> int | None:
        """The seq up to which the archive has every event on disk, synced, so that no crash takes it back: rows of
        what has ended may leave the state up to there. None while it has nothing. Must not block."""

    @hookspec
    def ended_at(self, of: str) -> int | None:
        """When the chat or task of that id ended, by the archive; None where it has none such. Asked only for ids that
        the state does not have; must not block for long."""

    @hookspec
    async def forget(self, persons: ForgottenPersons, seq: int) -> None:
        """Take these persons' words and names out of every file that this plugin keeps, in the state as it is at event
        `seq`; what is read back has their pseudonyms. The journal comes before what is made of it. May be asked again
        after a crash, and raises where it could not be done."""


class PastCalls:
    """The same, as they are called."""

    _registry: HookRegistry

    def recall(self, kind: str) -> Iterator[bytes] | None:
        return self._registry.first("recall", Iterator, kind)  # type: ignore[type-abstract]

    def events_after(self, seq: int, upto: int | None = None) -> Iterator[bytes] | None:
        return self._registry.first("events_after", Iterator, seq, upto)  # type: ignore[type-abstract]

    def heard_until(self, bot_id: BotId) -> int | None:
        return self._registry.first("heard_until", int, bot_id)

    def archived_upto(self) -> int | None:
        """None where no archive is running, too: nothing may leave the state then."""
        return self._registry.first("archived_upto", int)

    def ended_at(self, of: str) -> int | None:
        return self._registry.first("ended_at", int, of)

    async def forget(self, persons: ForgottenPersons, seq: int) -> None:
        """Each plugin in turn. Raises what the first one raises that cannot."""
        for _, implementation in self._registry.implementations("forget"):
            await implementation(persons, seq)

    def not_there(self, of: str, code: RefusalCode, text: str, field: str) -> NotFound:
        """The refusal of a command that names what is not in the state: it may have left it."""
        ended_at = self.ended_at(of)
        if ended_at is None:
            return NotFound(code, text, field=field)
        day = datetime.fromtimestamp(ended_at / 1_000, UTC).date()
        return NotFound(KernelRefusal.ARCHIVED, f"{of} ended on {day} and is in the archive.", field=field)
