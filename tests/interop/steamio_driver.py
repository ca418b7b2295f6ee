"""Several steamio clients in one process, driven by JSON lines over a socket: python -P steamio_driver.py SOCKET

The lines are those of `steam_user.mjs`, and so are the names of what is done and told. Runs in the environment that
`make setup` makes for steamio (its import name is that of the package `steam`). The client is the package as PyPI has
it, but for the host of its directory, its built-in list of CMs, which are Steam's, and how long it pauses before it
connects again, which is 20 s.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import aiohttp
import steam
from steam import _const, client, gateway
from steam.protobufs import friend_messages
from yarl import URL

FAR_AWAY = datetime(2037, 1, 1, tzinfo=UTC)
PAUSE = 0.05
NONE, INVITES_US, FRIEND, INVITED = 0, 2, 3, 4
ID_BASE = 76561197960265728

Tell = Callable[[str, dict[str, Any]], None]


class Patience:
    """asyncio as `steam.client` knows it, whose pauses are short."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, PAUSE))


class Refusals(logging.Handler):
    """Takes the result of a refused logon out of steamio's log, which is the only place where it stands."""

    eresult: int | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith("Failed to login with result") and isinstance(record.args, tuple):
            self.eresult = int(record.args[0].value)  # type: ignore[attr-defined]


REFUSALS = Refusals()


class Watched(steam.Client):  # type: ignore[misc]
    """A client that tells what happens to it."""

    def __init__(self, tell: Tell, options: dict[str, Any]) -> None:
        way = URL(options["httpProxy"]) if "httpProxy" in options else None
        super().__init__(
            proxy=str(way.with_user(None)) if way is not None else None,
            proxy_auth=aiohttp.BasicAuth(way.user or "", way.password or "") if way is not None else None,
        )
        self.tell = tell
        self.sent: set[tuple[int, int, int]] = set()
        self.latest: dict[int, Any] = {}
        self._codes: asyncio.Queue[str] = asyncio.Queue()
        self._given = 0
        self._running: asyncio.Task[None] | None = None

    # what it is asked

    async def code(self) -> str:
        if self._codes.empty():
            self.tell("steamGuard", {"domain": None, "lastCodeWrong": self._given > 0})
        self._given += 1
        return await self._codes.get()

    async def log_on(self, details: dict[str, Any]) -> None:
        if code := details.get("twoFactorCode"):
            self._codes.put_nowait(code)
        if self._running is None:
            self._running = asyncio.create_task(self._run(details))

    async def _run(self, details: dict[str, Any]) -> None:
        REFUSALS.eresult = None
        try:
            async with self:
                if "refreshToken" in details:
                    await self.login(refresh_token=details["refreshToken"])
                else:
                    await self.login(details["accountName"], details["password"])
        except Exception as error:  # noqa: BLE001 - whatever ends it is told, and the test judges
            self.tell("error", {"eresult": REFUSALS.eresult, "message": repr(error)})

    async def log_off(self) -> None:
        await self.close()
        self.tell("disconnected", {"eresult": None, "message": "closed"})

    async def end(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    # what it tells

    async def on_login(self) -> None:
        self.tell("loggedOn", {"steamId": str(self.user.id64), "publicIp": str(self.ws.public_ip)})
        self.tell("refreshToken", {"token": self.ws.refresh_token})

    async def on_ready(self) -> None:
        friends = await self.user.friends()
        self.tell("friendsList", {"friends": {str(friend.id64): FRIEND for friend in friends}})
        await self.http.login()
        self.tell("webSession", {"cookies": len(self.http._session.cookie_jar)})

    async def on_disconnect(self) -> None:
        self.tell("disconnected", {"eresult": None, "message": ""})

    async def on_error(self, event: str, error: Exception, *_: object, **__: object) -> None:
        self.tell("error", {"eresult": None, "message": f"{event}: {error!r}"})

    def _relationship(self, other: int, now: int) -> None:
        self.tell("relationship", {"friend": str(other), "now": now})

    async def on_invite(self, invite: Any) -> None:
        self._relationship(invite.author.id64, int(invite.relationship.value))

    async def on_invite_accept(self, invite: Any) -> None:
        self._relationship(invite.author.id64, FRIEND)

    async def on_invite_decline(self, invite: Any) -> None:
        self._relationship(invite.author.id64, NONE)

    async def on_friend_remove(self, friend: Any) -> None:
        self._relationship(friend.id64, NONE)

    async def on_message(self, message: Any) -> None:
        friend, own = message.channel.participant.id64, message.author == self.user
        place = (friend, int(message.created_at.timestamp()), message.ordinal)
        if own and place in self.sent:
            return
        if not own:
            self.latest[friend] = message
        said = {"friend": str(friend), "text": message.clean_content, "ordinal": place[2], "timestamp": place[1]}
        self.tell("friendMessageEcho" if own else "friendMessage", said)

    async def on_typing(self, user: Any, _: datetime) -> None:
        if user != self.user:
            self.tell("friendTyping", {"friend": str(user.id64)})


async def write(who: Watched, friend: str, text: str) -> dict[str, Any]:
    user = await who.fetch_user(int(friend))
    message = await user.send(text)
    place = (user.id64, int(message.created_at.timestamp()), message.ordinal)
    who.sent.add(place)
    return {"ordinal": place[2], "server_timestamp": place[1]}


async def history(who: Watched, friend: str) -> list[dict[str, Any]]:
    user = await who.fetch_user(int(friend))
    return [
        {"sender": str(one.author.id64), "text": one.clean_content, "ordinal": one.ordinal}
        async for one in user.history(before=FAR_AWAY)
    ]


async def active(who: Watched) -> list[dict[str, Any]]:
    """steamio itself never asks this, though it has the messages."""
    answer = await who.ws.send_um_and_wait(friend_messages.GetActiveMessageSessionsRequest())
    return [
        {"friend": str(ID_BASE + one.accountid_friend), "unread": one.unread_message_count}
        for one in answer.message_sessions
    ]


async def personas(who: Watched, friends: list[str]) -> dict[str, str]:
    return {friend: (await who.fetch_user(int(friend))).name for friend in friends}


ACTIONS: dict[str, Callable[..., Any]] = {
    "logOn": lambda who, details: who.log_on(details),
    "logOff": lambda who: who.log_off(),
    "setPersona": lambda who, state: who.change_presence(state=steam.PersonaState.try_value(state)),
    "addFriend": lambda who, friend: who._state.add_user(int(friend)),
    "removeFriend": lambda who, friend: who._state.remove_user(int(friend)),
    "blockUser": lambda who, friend: who._state.block_user(int(friend)),
    "unblockUser": lambda who, friend: who._state.unblock_user(int(friend)),
    "getPersonas": personas,
    "write": write,
    "type": lambda who, friend: who._state.send_user_typing(int(friend)),
    "acknowledge": lambda who, friend, _: who.latest[int(friend)].ack(),
    "history": history,
    "active": active,
}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One test: its clients end with its connection."""
    clients: dict[str, Watched] = {}
    asked: set[asyncio.Task[None]] = set()

    def say(line: dict[str, Any]) -> None:
        if not writer.is_closing():
            writer.write(json.dumps(line).encode() + b"\n")

    async def carry_out(line: dict[str, Any]) -> None:
        who, given = line["who"], line["with"]
        try:
            if line["do"] == "make":
                clients[who] = Watched(lambda event, data: say({"who": who, "event": event, "data": data}), *given)
                return say({"id": line["id"], "ok": None})
            say({"id": line["id"], "ok": await ACTIONS[line["do"]](clients[who], *given)})
        except Exception as error:  # noqa: BLE001 - the same
            code = getattr(error, "code", None)
            eresult = code.value if code is not None else None
            say({"id": line["id"], "error": repr(error), "eresult": eresult})

    _const.URL.API = URL(json.loads(await reader.readline())["directory"])
    while line := await reader.readline():
        task = asyncio.create_task(carry_out(json.loads(line)))
        asked.add(task)
        task.add_done_callback(asked.discard)
    for task in asked:
        task.cancel()
    for one in clients.values():
        await one.end()
    writer.close()


async def main(socket: str) -> None:
    gateway.DEFAULT_CMS = ()
    client.asyncio = Patience()
    log = logging.getLogger("steam.gateway")
    log.setLevel(logging.DEBUG)
    log.propagate = False
    log.addHandler(REFUSALS)
    server = await asyncio.start_unix_server(serve, socket)
    await server.serve_forever()


asyncio.run(main(sys.argv[1]))
