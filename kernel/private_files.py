"""Files for their owner's eyes only, that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from kernel.disk import sync_folder


def put(path: Path, content: bytes) -> None:
    """Have this content in the file, on disk before its name points to it; mode 0600. Raises OSError."""
    draft = path.with_name(f"{path.name}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)
