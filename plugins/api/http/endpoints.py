"""The declaration of a route: method, path, role, types and statuses, for the application and the document alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Generic, NamedTuple, TypeVar

from litestar.types import ASGIApp, Scope
from msgspec import Struct, field

from kernel.codes import RefusalCode
from kernel.errors import CommandError, Rejected
from kernel.roles import Role
from kernel.routes import Method
from plugins.api.codes import ApiRefusal
from plugins.api.http.answers import Answer, HttpReply

T = TypeVar("T", bound=Struct)
Handler = Callable[[Scope, T], HttpReply | Awaitable[HttpReply]]
"""Takes the request's scope and what it carries. Raises CommandError or FileUnreadable."""
FORM_BYTES: Final = 4 * 1024


class Raw(NamedTuple):
    """An ASGI application that reads its requests itself: what is asked often is not worth 70 us of convenience."""

    serve: ASGIApp


class Content(NamedTuple):
    """What one status brings."""

    description: str
    media: Mapping[str, object]
    """By media type, what msgspec encodes there, or a piece of JSON Schema as it is written out; None: anything."""


class ResponseLink(NamedTuple):
    """What may be asked next about what was just made: OpenAPI's link, for clients and for tests that follow it."""

    path: str
    """Of the route that is asked, with POST."""
    body: Mapping[str, object]
    """What it takes. Texts such as `$response.body#/id` stand for what this request or its answer holds."""


def always(_: Struct) -> bool:
    """For `proof`: whatever the request carries."""
    return True


def done(answers: object = Answer, description: str = "Done.") -> Mapping[int, Content]:
    """200 with JSON of that type."""
    return {200: Content(description, {"application/json": answers})}


class HttpEndpoint(Struct, Generic[T], frozen=True, kw_only=True):
    """A route. What is not declared here is neither served nor in the document."""

    method: Method
    path: str
    summary: str
    role: Role | None
    """What the caller's role must be at least; None: nobody has to be known."""
    takes: type[T]
    """The form of the body, or of the query where the method is GET; `Nothing`: neither is looked at."""
    answers: Mapping[int, Content]
    raises: tuple[type[CommandError], ...] = ()
    """Refusals beside those that every route of its kind has: see `statuses`."""
    serve: Handler[T] | Raw
    can_open: bool = False
    """[api] open_paths may let it be read without a token."""
    body_bytes: int = FORM_BYTES
    malformed: RefusalCode = ApiRefusal.INVALID_FORM
    """The code of the refusal of what is not of the form."""
    action: str | None = None
    """Its name in the audit, where a refusal for the caller's role is recorded; None: it is not."""
    proof: Callable[[T], bool] | None = None
    """Whether such a request takes a fresh proof from a person (`auth/proofs.py`); None: no request does."""
    operation: str = ""
    """Its operationId; left out, made of the path."""
    description: str = ""
    body: str | None = None
    """The component of the document that describes the body, where that is more than `takes`."""
    endless: bool = False
    """Its answer has no end, and bounds itself how long a client may take nothing of it."""
    documented: bool = True
    links: Mapping[str, ResponseLink] = field(default_factory=dict)
    """By their names in the document, of an answer with 200."""

    @property
    def statuses(self) -> frozenset[int]:
        """Every status that it may be answered with."""
        return self.refusals | self.answers.keys()

    @property
    def refusals(self) -> frozenset[int]:
        """The statuses of what is refused: by the gate, by what is checked before the handler, and by the handler."""
        found = {400, 421, 429, 500}  # a Host that is none, or not ours; the rate limit; a bug
        if self.role is not None:
            found |= {401, 403, 503}  # no caller; a page of another site, or the role; a file that cannot be read
        if self.method is not Method.GET:
            found |= {403, 408, 413}  # another site's page, if it takes no caller; a body too slow or too large
        for error in self.raises:
            found |= {409, 429} if issubclass(error, Rejected) else {error.status}
        return frozenset(found)


def listed(*endpoints: HttpEndpoint[Any]) -> tuple[HttpEndpoint[Any], ...]:
    """These, in their order. Raises ValueError where two have one path and method."""
    places = [(endpoint.path, endpoint.method) for endpoint in endpoints]
    twice = {place for place in places if places.count(place) > 1}
    if twice:
        raise ValueError(f"declared twice: {sorted(twice)}")
    return endpoints
