"""The routes of HTTP: `GET /api/history/…`, by role."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kernel.roles import Role
from kernel.routes import Method, Nothing, Route
from plugins.history.answers import ArchiveStatus

if TYPE_CHECKING:
    from plugins.history.plugin import History


def of(history: History) -> Sequence[Route[Any, Any]]:
    """All of them."""
    status = Route(
        method=Method.GET,
        path="/status",
        summary="Where the archive stands",
        role=Role.VIEWER,
        takes=Nothing,
        answers=ArchiveStatus,
        handler=lambda _: history.status(),
    )
    return (status,)
