"""The web page: files that were built beforehand, read once at start and served from memory."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Any, Final, NamedTuple

from litestar import Response, get

FOLDER: Final = Path(__file__).parents[1] / "static"
"""Where `make page` builds it, in a checkout and in the wheel alike."""
FOREVER: Final = "public, max-age=31536000, immutable"
"""For files whose name holds a hash of what is in them."""


class File(NamedTuple):
    """One file of the page."""

    path: str
    """In the address, from the root."""
    content: bytes
    media_type: str

    @property
    def keep(self) -> str:
        return FOREVER if self.path.startswith("/assets/") else "no-cache"


def load() -> list[File]:
    """The files of the page, its own at `/`; empty where nobody has built one."""
    files = []
    for file in sorted(path for path in FOLDER.rglob("*") if path.is_file()):
        name = file.relative_to(FOLDER).as_posix()
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        files.append(File("/" if name == "index.html" else f"/{name}", file.read_bytes(), media_type))
    return files


def route(file: File) -> Any:
    """The route that serves one file. Nobody needs a token for it: there is nothing in it but the page itself."""

    @get(file.path, name=file.path, sync_to_thread=False)
    def serve() -> Response[bytes]:
        return Response(content=file.content, media_type=file.media_type, headers={"cache-control": file.keep})

    return serve
