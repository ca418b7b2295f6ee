"""The stage itself: the page's files, the event stream and a few commands, spoken as the api plugin speaks them."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from kernel.checks import Round
from kernel.codec import encode
from kernel.events import ChatStarted, ContactPaused, ContactResumed, Event
from kernel.ids import ChatId, new_id
from kernel.snapshot import Snapshot
from webui.tools.scene import orders, panels, past, team
from webui.tools.scene.script import Script

DIST: Final = Path(__file__).resolve().parents[3] / "plugins" / "api" / "static"
ME: Final = "operator:anna"
BATCHES_PER_CHECK: Final = 10
"""As the api plugin sends them."""
POLICY: Final = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
"""The same as the api plugin's, so that what it forbids is noticed here."""

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class Stage:
    """An ASGI application."""

    def __init__(self, script: Script, *, events_a_second: float) -> None:
        self._script = script
        self._rate = events_a_second
        self._moved = asyncio.Event()
        self._created: str | None = None
        self._archive = past.SceneArchive(script)

    async def play(self) -> None:
        """Let things happen, in steps of 50 ms at the least. A step that comes late has more to do."""
        if not self._rate:
            return
        clock = asyncio.get_running_loop().time
        pause = max(0.05, 1 / self._rate)
        seq, began = self._script.state.seq, clock()
        while True:
            await asyncio.sleep(pause)
            due = seq + self._rate * (clock() - began)
            while self._script.state.seq < due and self._script.play():
                pass
            self._wake()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] == "/api/event-stream":
            await self._stream(send)
        elif scope["path"] == "/api/command":
            await self._command(receive, send)
        elif scope["path"] == "/api/presence":
            await self._body_of(receive)
            await self._answer(send, 200, {"ok": True})
        elif scope["path"] == "/api/session":
            await self._answer(send, 200, {"actor": ME, "role": "admin", "by": "password"})
        elif scope["path"] == panels.PATH:
            await self._answer(send, 200, panels.told(self._script.state.ts))
        elif scope["path"].startswith(past.PATH):
            path = scope["path"].removeprefix(past.PATH)
            status, media_type, body = self._archive.answer(path, scope["query_string"].decode())
            await self._head(send, status, media_type)
            await self._body(send, body, more=False)
        else:
            await self._file(scope["path"], send)

    async def _stream(self, send: Send) -> None:
        await self._head(send, 200, "text/event-stream")
        cut = Snapshot.of(self._script.state)
        place = len(self._script.written)
        for part in cut.encoded():
            await self._body(send, b"event: snapshot\ndata: %s\n\n" % part, more=True)
            await asyncio.sleep(0)
        here = team.who_is_here(self._script)
        await self._body(send, b"event: presence\ndata: %s\n\n" % encode(here), more=True)
        checks, batches = Round(self._script.state), 0
        while True:
            news = self._script.written[place:]
            place += len(news)
            if news:
                batches += 1
                batch = b"event: batch\ndata: %s\n\n" % encode(news)
                if batches % BATCHES_PER_CHECK == 0:
                    batch += b"event: check\ndata: %s\n\n" % encode(checks.next())
                await self._body(send, batch, more=True)
            try:
                async with asyncio.timeout(15):
                    await self._moved.wait()
            except TimeoutError:
                await self._body(send, b": still here\n\n", more=True)

    async def _command(self, receive: Receive, send: Send) -> None:
        command = msgspec.json.decode(await self._body_of(receive))
        refusal = self._carry_out(command["kind"], command["payload"])
        if refusal is None:
            await self._answer(send, 200, {"ok": True, "id": self._created})
        else:
            await self._answer(send, 409, {"ok": False, "error": refusal})

    async def _body_of(self, receive: Receive) -> bytes:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                return body

    def _carry_out(self, kind: str, payload: dict[str, Any]) -> dict[str, str] | None:
        script, state = self._script, self._script.state
        self._created = None
        script.catch_up()
        if kind in team.COMMANDS:
            refusal = team.carry_out(script, kind, payload, ME)
            self._wake()
            return refusal
        if kind in orders.COMMANDS:
            refusal = orders.carry_out(script, kind, payload, ME)
            self._wake()
            return refusal
        if kind == "ToggleAgent":
            owner = state.chats[payload["chatId"]].owner
            if not payload["enabled"] and owner not in {None, ME, payload.get("takeFrom")}:
                return {"code": "alreadyTaken", "message": f"{owner} has taken this chat over already."}
            script.toggle(payload["chatId"], payload["enabled"], ME)
        elif kind == "SendMessage":
            chat = state.chats[payload["chatId"]]
            if not chat.is_open:
                anew = ChatStarted(chat_id=ChatId(new_id("chat")), bot_id=chat.bot_id, player=chat.player, task_id=None)
                script.write(anew, ME)
                chat = state.chats[anew.chat_id]
            if chat.agent_enabled:
                script.toggle(chat.id, False, ME)
            self._created = script.answer(chat.id, ME, payload["text"])
        elif kind in {"PauseContact", "ResumeContact"}:
            event: Event = ContactPaused(reason=payload.get("reason")) if kind == "PauseContact" else ContactResumed()
            script.write(event, ME)
        else:
            return {"code": "notStaged", "message": f"{kind} is not part of this scene."}
        self._wake()
        return None

    def _wake(self) -> None:
        self._moved.set()
        self._moved.clear()

    async def _file(self, path: str, send: Send) -> None:
        file = (DIST / path.lstrip("/")).resolve()
        if not file.is_relative_to(DIST) or not file.is_file():
            file = DIST / "index.html"
        await self._head(send, 200, mimetypes.guess_type(file.name)[0] or "application/octet-stream")
        await self._body(send, file.read_bytes(), more=False)

    async def _answer(self, send: Send, status: int, content: object) -> None:
        await self._head(send, status, "application/json")
        await self._body(send, encode(content), more=False)

    async def _head(self, send: Send, status: int, media_type: str) -> None:
        headers = [(b"content-type", media_type.encode()), (b"content-security-policy", POLICY.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})

    async def _body(self, send: Send, content: bytes, *, more: bool) -> None:
        await send({"type": "http.response.body", "body": content, "more_body": more})
