"""Routes of HTTP that a plugin serves itself: declared by the hook `routes`, checked and documented by `api`."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar
from weakref import WeakSet

import msgspec
from msgspec import Struct

from kernel import causality
from kernel.bus import Contain
from kernel.codes import KernelRefusal
from kernel.containment import CONTAINED, Hung, being_cancelled
from kernel.errors import CommandError, CommitFailed, HandlerFailed, Unconfirmed
from kernel.roles import Role

T = TypeVar("T", bound=Struct)
R = TypeVar("R", bound=Struct)
MOST_BODY_BYTES: Final = 8 * 1024 * 1024
DEADLINE_S: Final = 60.0
"""How long a plugin may take to answer a request at a route of its own."""
FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
PATH: Final = re.compile(r"(/[A-Za-z0-9][A-Za-z0-9._-]*)+")


class Method(StrEnum):
    GET = "GET"
    """Changes nothing; what the request carries stands in the query."""
    POST = "POST"
    """May change something; what the request carries is JSON in the body. It is recorded in the audit."""


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """What a request carries whose route needs nothing."""


class Download(Struct, frozen=True):
    """An answer that is a file rather than JSON. It is recorded in the audit."""

    name: str
    """By which a browser saves it: letters, digits, `.`, `-` and `_`."""
    media_type: str
    """One of the route's `downloads`."""
    body: bytes


class Route(Struct, Generic[T, R], frozen=True, kw_only=True):
    """One route of a plugin, served at `/api/plugins/NAME` and `path`, and in the OpenAPI document while it runs.

    `handler` is called once the caller is known, has the role, and what the request carries is a `takes`. It returns an
    `answers`, or an awaitable of it, within a minute, or raises a CommandError: its status and code are the answer, and
    its class stands in `raises`, unless every route has it. `ctx.actor` is the caller while it runs. What else it
    raises is answered 500 and counted against the plugin. Raises ValueError for a path that is none, and TypeError for
    types that JSON Schema cannot describe.
    """

    method: Method
    path: str
    summary: str
    role: Role
    takes: type[T]
    answers: type[R]
    raises: tuple[type[CommandError], ...] = ()
    body_bytes: int = 256 * 1024
    """How much a request may carry, up to 8 MiB."""
    downloads: tuple[str, ...] = ()
    """Media types of files that it may be answered with in the place of `answers`, such as `text/csv`."""
    handler: Callable[[T], R | Download | Awaitable[R | Download]]

    def __post_init__(self) -> None:
        if PATH.fullmatch(self.path) is None:
            raise ValueError(f"path: {self.path!r}; give one such as /totals, of letters, digits, dots and dashes")
        if not 0 < self.body_bytes <= MOST_BODY_BYTES:
            raise ValueError(f"body_bytes: {self.body_bytes}; give 1 to {MOST_BODY_BYTES}")
        _expect_describable(self.takes)
        _expect_describable(self.answers)


class PluginRoute:
    """A route and the plugin that serves it."""

    def __init__(self, plugin: str, route: Route[Any, Any], contain: Contain) -> None:
        """`contain` is told what the handler raises that is no CommandError."""
        self.plugin: Final = plugin
        self.route: Final = route
        self._contain = contain

    async def answer(self, request: Struct, actor: str) -> Struct:
        """Call the handler on behalf of `actor`, who may do it. Raises CommandError."""
        deadline = asyncio.timeout(DEADLINE_S)
        try:
            with causality.acting(causality.Origin(actor)):
                async with deadline:
                    answer: object = self.route.handler(request)
                    answer = await answer if inspect.isawaitable(answer) else answer
            if isinstance(answer, Download):
                if FILE_NAME.fullmatch(answer.name) is None or answer.media_type not in self.route.downloads:
                    raise TypeError(f"its download {answer.name!r} is none that the route declares")
            elif not (isinstance(answer, Struct) and isinstance(answer, self.route.answers)):
                raise TypeError(f"it answered with {type(answer).__name__} instead of {self.route.answers.__name__}")
        except CommandError:
            raise
        except CommitFailed as error:
            text = f"It was done, but the journal cannot write, so a crash would undo it: {error}"
            raise Unconfirmed(KernelRefusal.NOT_ON_DISK_YET, text) from error
        except CONTAINED as error:  # a bug in one plugin is an answer to its caller
            if isinstance(error, asyncio.CancelledError) and being_cancelled():
                raise
            late = deadline.expired() and isinstance(error, TimeoutError)
            where = f"{self.route.method} {self.route.path}"
            self._contain(self.plugin, where, Hung("did not end in time") if late else error)
            text = f"{where} failed inside the plugin {self.plugin}; the log says how."
            raise HandlerFailed(KernelRefusal.HANDLER_FAILED, text) from error
        return answer


def declared(parts: Iterable[tuple[str, Iterable[object]]], contain: Contain) -> list[PluginRoute]:
    """The routes among what plugins answered the hook with, each with its plugin."""
    return [PluginRoute(name, one, contain) for name, part in parts for one in part if isinstance(one, Route)]


def any_json(of: type) -> dict[str, Any]:
    """The `schema_hook` of msgspec for everything that is served: a field of type `object` holds any JSON."""
    if of is not object:
        raise NotImplementedError
    return {"description": "Any JSON."}


_DESCRIBABLE: Final[WeakSet[type[Struct]]] = WeakSet()
"""Types that were looked at before: routes are declared anew for each request. It holds no code that was reloaded."""


def _expect_describable(struct: type[Struct]) -> None:
    if struct not in _DESCRIBABLE:
        msgspec.json.schema_components([struct], schema_hook=any_json)
        _DESCRIBABLE.add(struct)
