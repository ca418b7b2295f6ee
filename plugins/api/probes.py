"""`GET /healthz` and `/readyz`: whether the process answers, and whether everything works that the system needs."""

from __future__ import annotations

import asyncio
from collections.abc import Sized
from typing import Final

from litestar.types import Scope
from msgspec import Struct
from msgspec.structs import replace

from kernel.codec import encode
from kernel.context import Context
from kernel.hookspecs import Health
from kernel.redaction import cleaned
from kernel.routes import Nothing
from plugins.api.http.answers import HttpReply

DETAIL_LENGTH: Final = 500
"""Characters of what a plugin says of itself."""
SAMPLE_S: Final = 0.01
"""What /healthz sleeps to see how late it is woken."""


class Liveness(Struct, frozen=True, kw_only=True, rename="camel"):
    """The process answers."""

    ok: bool = True
    late_ms: float
    """By how many milliseconds the event loop is late."""
    seq: int
    """Of the last event."""
    streams: int
    commands: int
    """Under way."""


class Readiness(Struct, frozen=True, kw_only=True):
    """What each plugin that answers the hook `health` says of itself."""

    ok: bool
    checks: list[Health]


class HealthProbes:
    """The handlers of both."""

    def __init__(self, ctx: Context, commands: Sized, streams: Sized) -> None:
        self._ctx = ctx
        self._commands = commands
        self._streams = streams

    async def healthz(self, _: Scope, __: Nothing) -> HttpReply:
        clock = asyncio.get_running_loop().time
        asleep = clock()
        await asyncio.sleep(SAMPLE_S)
        late = max(0.0, clock() - asleep - SAMPLE_S)
        alive = Liveness(
            late_ms=round(late * 1_000, 1),
            seq=self._ctx.state.seq,
            streams=len(self._streams),
            commands=len(self._commands),
        )
        return HttpReply(200, encode(alive))

    def readyz(self, _: Scope, __: Nothing) -> HttpReply:
        told = self._ctx.hooks.health()
        checks = [replace(one, detail=cleaned(one.detail, DETAIL_LENGTH)) for one in told]
        readiness = Readiness(ok=all(check.ok for check in checks), checks=checks)
        return HttpReply(200 if readiness.ok else 503, encode(readiness))
