"""Routes that a plugin declares: checked for caller, role and form, in the document, and gone with their plugin."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import httpx
import pytest
from msgspec import Meta, Struct

from kernel import routes
from kernel.codes import Undeclared
from kernel.errors import Conflict
from kernel.events import ContactPaused, ErrorLogged
from kernel.hookspecs import hookimpl
from kernel.plugin import Plugin, PluginConfig
from kernel.roles import Role
from kernel.routes import Method, Nothing, Route
from plugins.journal import Journal
from tests.plugins.api.client import Site, serving

URL = "/api/plugins/shelf"
JSON = {"content-type": "application/json"}


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """Which books."""

    author: str
    most: Annotated[int, Meta(ge=1, le=100)] = 10


class Books(Struct, frozen=True):
    """Their titles."""

    titles: list[str]


class Put(Struct, frozen=True, forbid_unknown_fields=True):
    """A book to be put there."""

    title: str


class Shelf(Plugin[PluginConfig]):
    """Lists books to operators, and takes one from a developer."""

    @hookimpl
    def routes(self) -> Sequence[Route[Any, Any]]:
        return (
            Route(
                method=Method.GET,
                path="/books",
                summary="The books of an author",
                role=Role.OPERATOR,
                takes=Wanted,
                answers=Books,
                handler=lambda wanted: Books([wanted.author] * wanted.most),
            ),
            Route(
                method=Method.POST,
                path="/books",
                summary="Put a book there",
                role=Role.DEVELOPER,
                takes=Put,
                answers=Books,
                raises=(Conflict,),
                handler=self.put,
            ),
            Route(
                method=Method.GET,
                path="/broken",
                summary="Fails",
                role=Role.VIEWER,
                takes=Nothing,
                answers=Books,
                handler=self.fail,
            ),
            Route(
                method=Method.GET,
                path="/slow",
                summary="Never answers",
                role=Role.VIEWER,
                takes=Nothing,
                answers=Books,
                handler=self.never,
            ),
        )

    async def put(self, book: Put) -> Books:
        if book.title == "there":
            raise Conflict(Undeclared("bookThere"), "That book is there already.", field="title")
        self.ctx.publish(ContactPaused())
        return Books([book.title])

    def fail(self, _: Nothing) -> Books:
        raise LookupError("s3cret")

    async def never(self, _: Nothing) -> Books:
        await asyncio.Event().wait()
        raise AssertionError


async def document(site: Site) -> dict[str, Any]:
    openapi = (await site.anna.get("/api/openapi.json")).json()
    return dict(openapi)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_a_route_is_refused_without_a_token_and_to_a_lesser_role_and_answered_to_the_right_one() -> None:
    async with (
        serving(Shelf) as site,
        site.client() as stranger,
        site.member(Role.VIEWER) as vera,
        site.member(Role.OPERATOR) as olga,
    ):
        query = {"author": "Lem", "most": "2"}
        assert refusal(await stranger.get(f"{URL}/books", params=query)) == (401, "unauthorized")
        assert refusal(await vera.get(f"{URL}/books", params=query)) == (403, "roleTooLow")
        answer = await olga.get(f"{URL}/books", params=query)
        assert (answer.status_code, answer.json()) == (200, {"titles": ["Lem", "Lem"]})

        assert refusal(await stranger.post(f"{URL}/books", json={"title": "Solaris"})) == (401, "unauthorized")
        assert refusal(await olga.post(f"{URL}/books", json={"title": "Solaris"})) == (403, "roleTooLow")
        assert not site.world.happened(ContactPaused)
        answer = await site.anna.post(f"{URL}/books", json={"title": "Solaris"})
        assert (answer.status_code, answer.json()) == (200, {"titles": ["Solaris"]})
        assert site.world.state.contact.paused_by == "operator:anna", "who asked is the actor of what is done"


async def test_a_route_is_in_the_document_and_both_go_with_the_plugin() -> None:
    async with serving(Shelf) as site:
        openapi = await document(site)
        reads, puts = (openapi["paths"][f"{URL}/books"][method] for method in ("get", "post"))
        assert [(one["name"], one["required"]) for one in reads["parameters"]] == [("author", True), ("most", False)]
        assert reads["description"] == "Takes the role operator or above."
        form = puts["requestBody"]["content"]["application/json"]["schema"]
        assert form == {"$ref": "#/components/schemas/shelf.Put"}
        assert openapi["components"]["schemas"]["shelf.Put"]["required"] == ["title"]
        assert reads["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/shelf.Books")
        assert "409" in puts["responses"]
        assert "409" not in reads["responses"]

        await site.world.system.host.disable("shelf")
        assert refusal(await site.anna.get(f"{URL}/books", params={"author": "Lem"})) == (404, "notFound")
        openapi = await document(site)
        assert not [path for path in openapi["paths"] if path.startswith("/api/plugins")]
        assert not [name for name in openapi["components"]["schemas"] if name.startswith("shelf")]


async def test_what_is_not_of_the_declared_form_never_reaches_the_plugin() -> None:
    async with serving(Shelf) as site:
        wrong: tuple[tuple[dict[str, str], str], ...] = (
            ({}, "author"),
            ({"author": "Lem", "most": "many"}, "most"),
            ({"author": "Lem", "most": "101"}, "most"),
            ({"author": "", "x": "1"}, "x"),
        )
        for query, field in wrong:
            answer = await site.anna.get(f"{URL}/books", params=query)
            assert (refusal(answer), answer.json()["error"]["field"]) == ((400, "invalidForm"), field)
        assert refusal(await site.anna.post(f"{URL}/books", json={"title": 7})) == (400, "invalidForm")
        assert refusal(await site.anna.post(f"{URL}/books", content=b"{", headers=JSON)) == (400, "invalidJson")
        assert refusal(await site.anna.post(f"{URL}/books", content=b"{}")) == (400, "notJson")
        long = await site.anna.post(f"{URL}/books", content=b" " * (256 * 1024 + 1), headers=JSON)
        assert refusal(long) == (413, "tooLarge")
        assert refusal(await site.anna.post(f"{URL}/books", json={"title": "there"})) == (409, "bookThere")
        elsewhere = await site.anna.post(
            f"{URL}/books", json={"title": "x"}, headers={"origin": "https://evil.example"}
        )
        assert refusal(elsewhere) == (403, "crossSite")
        assert not site.world.happened(ContactPaused)

        method = await site.anna.post(f"{URL}/slow", json={})
        assert (method.status_code, method.headers["allow"]) == (405, "GET")
        assert [(await site.anna.get(path)).status_code for path in ("/api/plugins", URL, f"{URL}/none")] == [404] * 3


async def test_a_handler_that_fails_or_hangs_is_answered_500_and_counted_against_its_plugin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(routes, "DEADLINE_S", 0.01)
    async with serving(Shelf) as site:
        for path in ("/broken", "/slow"):
            answer = await site.anna.get(f"{URL}{path}")
            assert refusal(answer) == (500, "handlerFailed")
            assert "s3cret" not in answer.text
        assert {(error.source, error.message) for error in site.world.happened(ErrorLogged)} == {
            ("shelf", "GET /broken"),
            ("shelf", "GET /slow"),
        }
        assert (await site.anna.get(f"{URL}/books", params={"author": "Lem"})).status_code == 200


async def test_what_a_plugin_changes_over_http_is_in_the_audit_and_what_it_reads_is_not() -> None:
    async with serving(Journal, Shelf) as site, site.member(Role.ADMIN) as root, site.member(Role.OPERATOR) as olga:
        await olga.get(f"{URL}/books", params={"author": "Lem"})
        await olga.post(f"{URL}/books", json={"title": "Solaris"})
        await site.anna.post(f"{URL}/books", json={"title": "there"})
        await site.anna.post(f"{URL}/books", json={"title": "Solaris"})
        records = (await root.get("/api/audit", params={"action": f"POST {URL}/books"})).json()["records"]
        told = [(one["actor"], one["result"]) for one in reversed(records)]
        every = (await root.get("/api/audit")).json()["records"]

    assert told == [("operator:operator", "roleTooLow"), ("operator:anna", "bookThere"), ("operator:anna", "ok")]
    assert len(every) == len(told)


async def test_a_route_that_cannot_be_described_is_its_plugins_failure_and_the_document_stands() -> None:
    class Odd(Struct):
        what: complex

    class Careless(Plugin[PluginConfig]):
        @hookimpl
        def routes(self) -> Sequence[Route[Any, Any]]:
            odd = Route(
                method=Method.GET,
                path="/odd",
                summary="?",
                role=Role.VIEWER,
                takes=Nothing,
                answers=Odd,
                handler=lambda _: Odd(1j),
            )
            return (odd,)

    async with serving(Shelf, Careless) as site:
        assert f"{URL}/books" in (await document(site))["paths"]
        assert (await site.anna.get("/api/plugins/careless/odd")).status_code == 404
        assert {error.source for error in site.world.happened(ErrorLogged)} == {"careless"}


@pytest.mark.parametrize("path", ["books", "", "/", "/books/", "/a b", "/{id}", "/../x"])
def test_a_path_that_is_none_is_refused_where_it_is_declared(path: str) -> None:
    with pytest.raises(ValueError, match="path: "):
        Route(
            method=Method.GET,
            path=path,
            summary="",
            role=Role.VIEWER,
            takes=Nothing,
            answers=Nothing,
            handler=lambda nothing: nothing,
        )
