"""Keeps what belongs to the event loop to its thread: called from another, what would tear the state is refused."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar

from kernel.context import Context
from kernel.hooks import HookCaller

T = TypeVar("T")

VERBS: Final = (
    "publish", "subscribe", "when_up", "tap", "stream", "handle", "observe", "execute", "dry_run", "unpaused",
    "settled", "committed", "snapshot", "rows", "spawn", "call_later", "contain", "release", "close",
)  # fmt: skip
"""What of a context changes the state, walks through it, or waits on the loop."""
FREE: Final = (
    "actor", "clock", "command_kinds", "commit_failure", "data_dir", "data_gone", "decode", "hooks", "log", "name",
    "new_id", "state", "uncommitted",
)  # fmt: skip
"""What any thread may use: single values. A table of the state is walked through on the loop alone."""
HOOKS: Final = (
    "admit",
    "respond",
    "preface",
    "relationship",
    "mounts",
    "routes",
    "panels",
    "health",
    "remains",
    "measures",
    "archived_upto",
    "heard_until",
    "ended_at",
    "forget",
    "not_there",
)
"""The hooks that plugins answer on the loop; `recall` and `events_after` read the disk, wherever it is asked."""


def of_one_thread(kind: type[T], verbs: tuple[str, ...], spelled: str) -> type[T]:
    """That class, with `verbs` that raise RuntimeError in any thread but the one in which the object was made."""

    def made(self: Any, *arguments: Any, **named: Any) -> None:
        self._thread = threading.get_ident()
        kind.__init__(self, *arguments, **named)

    kept = {verb: _kept(getattr(kind, verb), f"{spelled}.{verb}") for verb in verbs}
    bound: type[T] = type(kind.__name__, (kind,), {"__init__": made, "__module__": kind.__module__, **kept})
    return bound


def _kept(method: Callable[..., Any], spelled: str) -> Callable[..., Any]:
    def expect_own(self: Any) -> None:
        if threading.get_ident() != self._thread:
            thread = threading.current_thread().name
            raise RuntimeError(
                f"{spelled} was called in the thread {thread!r}, and the state belongs to the event loop's thread: "
                "hand it over with loop.call_soon_threadsafe or asyncio.run_coroutine_threadsafe"
            )

    if inspect.iscoroutinefunction(method):

        @functools.wraps(method)
        async def awaited(self: Any, *arguments: Any, **named: Any) -> Any:
            expect_own(self)  # where it runs, not where it was called: run_coroutine_threadsafe hands it over
            return await method(self, *arguments, **named)

        return awaited

    @functools.wraps(method)
    def called(self: Any, *arguments: Any, **named: Any) -> Any:
        expect_own(self)
        return method(self, *arguments, **named)

    return called


PluginContext: Final = of_one_thread(Context, VERBS, "ctx")
PluginHooks: Final = of_one_thread(HookCaller, HOOKS, "ctx.hooks")
