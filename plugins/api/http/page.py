"""The web page's static files: built beforehand, read once at start, served from memory."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Final, NamedTuple

from litestar.types import Scope

from kernel.routes import Method, Nothing
from plugins.api.http.answers import HttpReply
from plugins.api.http.endpoints import Content, Handler, HttpEndpoint

FOLDER: Final = Path(__file__).parents[1] / "static"
"""Where `make page` builds it, in a checkout and in the wheel alike."""
PLACES: Final = ("chats", "tasks", "bots", "plugins", "reports")
"""What the page's own addresses begin with: `PLACES` of `webui/src/store/slices/workspace.ts`."""
FOREVER: Final = "public, max-age=31536000, immutable"
"""For files whose name holds a hash of what is in them."""

_BARE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Switchboard</title>
<h1>Switchboard</h1>
<p>{who}</p>
<ul>
<li><code>POST /api/command</code> takes one command</li>
<li><a href="/api/event-stream"><code>GET /api/event-stream</code></a> gives the state and all that happens to it</li>
<li><a href="/api/openapi.json">OpenAPI document</a>, <a href="/api/schema.json">JSON Schema of the contract</a></li>
<li><a href="/metrics">Metrics</a>, <a href="/healthz">health</a>, <a href="/readyz">readiness</a></li>
</ul>
</html>
"""


class File(NamedTuple):
    """One file of the page."""

    path: str
    """In the address, from the root."""
    content: bytes
    media_type: str

    @property
    def keep(self) -> str:
        return FOREVER if self.path.startswith("/assets/") else "no-cache"


def file_path(path: str) -> str:
    """The path of the file that a path is served from: an address of the page, such as `/chats/chat_1`, is the page."""
    return "/" if path.startswith("/") and path.split("/", 2)[1] in PLACES else path


def load() -> list[File]:
    """The files of the page, its own at `/`; empty where nobody has built one."""
    files = []
    for file in sorted(path for path in FOLDER.rglob("*") if path.is_file()):
        name = file.relative_to(FOLDER).as_posix()
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        files.append(File("/" if name == "index.html" else f"/{name}", file.read_bytes(), media_type))
    return files


def endpoint(file: File) -> HttpEndpoint[Nothing]:
    """Serves one file. Nobody needs a token for it: there is nothing in it but the page itself."""
    media_type = f"{file.media_type}; charset=utf-8" if file.media_type.startswith("text/") else file.media_type
    reply = HttpReply(200, file.content, (), media_type.encode(), file.keep.encode())
    return _undocumented(file.path, file.media_type, lambda _, __: reply)


def bare() -> HttpEndpoint[Nothing]:
    """A plain front page, where the web page was not built."""

    def serve(scope: Scope, _: Nothing) -> HttpReply:
        caller = scope["user"]
        who = f"You act as {caller.actor}." if caller else "Open a sign-in link: <code>/sign-in?token=…</code>"
        return HttpReply(200, _BARE.format(who=who).encode(), (), b"text/html; charset=utf-8")

    return _undocumented("/", "text/html", serve)


def _undocumented(path: str, media_type: str, serve: Handler[Nothing]) -> HttpEndpoint[Nothing]:
    return HttpEndpoint(
        method=Method.GET,
        path=path,
        summary="A file of the web page",
        role=None,
        takes=Nothing,
        answers={200: Content("The file.", {media_type: {"type": "string"}})},
        serve=serve,
        documented=False,
    )
