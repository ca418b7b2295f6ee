"""The web page is served to anyone, from memory; what it shows comes through the gate."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plugins.api.http import page
from tests.plugins.api.client import serving


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page of three files, as a build leaves them."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Switchboard</title>")
    (tmp_path / "assets" / "index-a1b2.js").write_text("export {}")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    monkeypatch.setattr(page, "FOLDER", tmp_path)
    return tmp_path


async def test_the_page_needs_no_token_and_its_named_files_are_kept_for_ever(built: Path) -> None:
    async with serving() as site, site.client() as stranger:
        front = await stranger.get("/")
        script = await stranger.get("/assets/index-a1b2.js")
        icon = await stranger.get("/favicon.svg")

        assert front.text == (built / "index.html").read_text()
        assert (front.headers["content-type"], front.headers["cache-control"]) == (
            "text/html; charset=utf-8",
            "no-cache",
        )
        assert script.headers["content-type"].startswith("text/javascript")
        assert "immutable" in script.headers["cache-control"]
        assert icon.headers["content-type"] == "image/svg+xml"
        assert "script-src" not in front.headers["content-security-policy"], "only from here, and nothing inline"
        assert front.headers["content-security-policy"].startswith("default-src 'self'")


async def test_every_address_of_the_page_is_the_page_and_nothing_else_is(built: Path) -> None:
    async with serving() as site, site.client() as stranger:
        front = await stranger.get("/")
        for place in page.PLACES:
            for path in (f"/{place}", f"/{place}/", f"/{place}/a_1,b_2", f"/{place}/a%2Fb/c", f"/{place}?from=1#x"):
                reply = await stranger.get(path)
                assert (reply.status_code, reply.text) == (200, front.text), path
            assert (await stranger.post(f"/{place}/x", json={})).status_code in {401, 403, 405}
        for path in ("/chatsx", "/api/chats", "/x/chats", "/.chats"):
            assert (await stranger.get(path)).status_code in {401, 404}, path


def test_the_page_and_the_server_name_the_same_places() -> None:
    workspace = (page.FOLDER.parents[2] / "webui/src/store/slices/workspace.ts").read_text()
    listed = re.search(r"export const PLACES = \[(.*?)\] as const", workspace, re.DOTALL)

    assert listed is not None
    assert tuple(re.findall(r"'(\w+)'", listed[1])) == page.PLACES


async def test_nothing_beside_the_page_can_be_had(built: Path) -> None:
    (built.parent / "secret.txt").write_text("not yours")
    async with serving() as site, site.client() as stranger:
        for path in ("/../secret.txt", "/assets/..%2f..%2fsecret.txt", "/assets/", "/assets/none.js"):
            assert (await stranger.get(path)).status_code in {401, 404}, path


async def test_without_a_built_page_the_front_says_what_is_here_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "FOLDER", tmp_path / "none")
    async with serving() as site:
        front = (await site.anna.get("/")).text

        assert "You act as operator:anna." in front
        for forbidden in ("<script", "http://", "https://", "style=", "<style"):
            assert forbidden not in front
        for link in ("/api/openapi.json", "/api/schema.json", "/metrics", "/healthz"):
            assert f'href="{link}"' in front
