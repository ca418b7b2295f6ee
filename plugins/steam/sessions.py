"""The cut between what decides, in front of it, and what holds sockets, behind it.

In front, `connections`, `accounts`, `actions`, `absence`, `personas`, `standing`, `friend_requests` and `importing`
read the kernel's state and publish its events. Behind it, `client` and all that it stands on know neither: secrets come
in, events and outcomes go out, as plain records, so that sessions can live in another process one day. Import-linter
holds both halves to that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from plugins.steam.errors import TransportError
from plugins.steam.events import Said, Sent, SessionEvent, Talked
from plugins.steam.secrets import BotSecrets

Save = Callable[[BotSecrets], Awaitable[None]]
OnEvent = Callable[[SessionEvent], None]


class BotSession(Protocol):
    """A bot that is logged on; of use until `closed` is done. `SteamClient` says what each of these raises."""

    @property
    def closed(self) -> asyncio.Future[TransportError | None]:
        """Done when the session is over: with the reason, or None after `log_off`."""
        ...

    @property
    def steam_id64(self) -> int: ...

    @property
    def public_ip(self) -> str | None:
        """The address that Steam saw at the logon."""
        ...

    @property
    def friends(self) -> Mapping[int, int]:
        """The friends list as it stands: SteamID64 to `EFriendRelationship` number."""
        ...

    def relationship(self, steam_id64: int) -> int: ...

    def invite(self, steam_id64: int) -> asyncio.Future[None]: ...

    async def remove_friend(self, steam_id64: int) -> None: ...

    def send_message(self, steam_id64: int, text: str) -> asyncio.Future[Sent]: ...

    def ask_for_personas(self, steam_ids: list[int]) -> None: ...

    def active_sessions(self, since: int) -> asyncio.Future[list[Talked]]: ...

    async def history(self, steam_id64: int, since: int) -> list[Said]: ...

    async def log_off(self) -> None: ...


class Sessions(Protocol):
    """Where sessions are had."""

    async def open(self, bot: str, secrets: BotSecrets, *, save: Save, on_event: OnEvent) -> BotSession:
        """Sign the bot in, and wait until it is of use.

        `save` is awaited with the changed secrets before a new token is used; `on_event` gets everything from the logon
        on, also before this returns. Raises a `PersonNeeded`, an `Unavailable`, or `ProxyInvalid`.
        """
        ...

    async def introduce(self, secrets: BotSecrets) -> BotSecrets:
        """Sign in once and log off again, to learn whose account it is. Raises what `open` does."""
        ...

    def now_ms(self) -> int:
        """What time it is at Steam, as well as it is known: by it tokens end."""
        ...

    def second(self) -> int | None:
        """What Steam would stamp a message with now, in unix seconds; None where that is not known."""
        ...
