"""`GET /api/diagnose`: one redacted report about the running system, for admins."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

from litestar.types import Scope

from kernel.context import Context
from kernel.errors import Unavailable
from kernel.routes import Nothing
from plugins.api.auth.access import Access
from plugins.api.auth.actions import Action
from plugins.api.auth.audit import Audit
from plugins.api.auth.callers import address_of
from plugins.api.codes import ApiRefusal
from plugins.api.http.answers import HttpReply

PATH: Final = "/api/diagnose"


class Diagnosis:
    """Adds what only this plugin knows: whose names must not be in it."""

    def __init__(self, ctx: Context, access: Access, audit: Audit) -> None:
        self._ctx = ctx
        self._access = access
        self._audit = audit
        self._one_at_a_time = asyncio.Lock()

    async def serve(self, scope: Scope, _: Nothing) -> HttpReply:
        """Recorded in the audit, as every export is. Raises FileUnreadable, Unavailable, Unconfirmed."""
        diagnose = self._ctx.hooks.diagnosis
        if diagnose is None:  # only while the system is put together
            raise Unavailable(ApiRefusal.BUSY, "The system is starting.", retry_after=1_000)
        async with self._one_at_a_time:
            body = await diagnose(sorted(self._access.names()))
        self._audit.record(Action.EXPORT_DIAGNOSIS, scope["user"], address_of(scope))
        return HttpReply(200, body, ((b"content-disposition", b"attachment; filename=" + file_name().encode()),))


def file_name() -> str:
    return f"switchboard-diagnose-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
