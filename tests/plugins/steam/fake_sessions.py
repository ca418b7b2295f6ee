"""`Sessions` without a socket: a test says what Steam tells and answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from plugins.steam.errors import RequestFailed, TransportError
from plugins.steam.events import RelationshipChanged, Said, Sent, SessionEvent, Talked
from plugins.steam.secrets import BotSecrets
from plugins.steam.sessions import BotSession, OnEvent, Save, Sessions

NOW_MS: Final = 1_800_000_000_000
OWNER: Final = 76561198650290044


class FakeSession:
    """One bot's session: what was asked of it, and what comes of that."""

    def __init__(self, bot: str, secrets: BotSecrets, on_event: OnEvent, friends: Mapping[int, int]) -> None:
        self.bot = bot
        self.secrets = secrets
        self.steam_id64 = secrets.steam_id64 or 0
        self.public_ip: str | None = "198.18.0.1"
        self.friends: dict[int, int] = dict(friends)
        self.closed: asyncio.Future[TransportError | None] = asyncio.get_running_loop().create_future()
        self.asked: list[tuple[str, int, str]] = []
        self.fails: RequestFailed | None = None
        self._on_event = on_event

    def tell(self, event: SessionEvent) -> None:
        """Have Steam tell it that; a changed relationship is in its list first."""
        if isinstance(event, RelationshipChanged):
            self.friends[event.steam_id64] = event.after
        self._on_event(event)

    def end(self, reason: TransportError | None) -> None:
        """The session is over."""
        self.closed.set_result(reason)

    def relationship(self, steam_id64: int) -> int:
        return self.friends.get(steam_id64, 0)

    def invite(self, steam_id64: int) -> asyncio.Future[None]:
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.asked.append(("invite", steam_id64, ""))
        if self.fails is not None:
            answer.set_exception(self.fails)
        else:
            answer.set_result(None)
        return answer

    def send_message(self, steam_id64: int, text: str) -> asyncio.Future[Sent]:
        answer: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()
        self.asked.append(("send_message", steam_id64, text))
        if self.fails is not None:
            answer.set_exception(self.fails)
        else:
            answer.set_result(Sent(NOW_MS // 1_000, len(self.asked)))
        return answer

    async def remove_friend(self, steam_id64: int) -> None:
        self.asked.append(("remove_friend", steam_id64, ""))

    def ask_for_personas(self, steam_ids: list[int]) -> None:
        self.asked.extend(("ask_for_personas", steam_id64, "") for steam_id64 in steam_ids)

    def active_sessions(self, since: int) -> asyncio.Future[list[Talked]]:
        answer: asyncio.Future[list[Talked]] = asyncio.get_running_loop().create_future()
        answer.set_result([])
        return answer

    async def history(self, steam_id64: int, since: int) -> list[Said]:
        return []

    async def log_off(self) -> None:
        if not self.closed.done():
            self.end(None)


class FakeSessions:
    """Gives a session for whoever asks, or raises what a test has put into `refuses`."""

    def __init__(self) -> None:
        self.opened: list[FakeSession] = []
        self.refuses: TransportError | None = None
        self.friends: Mapping[int, int] = {}

    async def open(self, bot: str, secrets: BotSecrets, *, save: Save, on_event: OnEvent) -> BotSession:
        if self.refuses is not None:
            raise self.refuses
        session = FakeSession(bot, secrets, on_event, self.friends)
        self.opened.append(session)
        await save(replace(secrets, refresh_token="a token of Steam's"))
        return session

    async def introduce(self, secrets: BotSecrets) -> BotSecrets:
        return replace(secrets, steam_id64=OWNER)

    def now_ms(self) -> int:
        return NOW_MS

    def second(self) -> int | None:
        return NOW_MS // 1_000


_: Sessions = FakeSessions()
