"""Making changes of a folder durable: a new or renamed file is not there after a crash until its folder is synced."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

_NOT_OFFERED: Final = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""What a file system answers that has no sync of folders (CIFS, some of FUSE): it looks after its names itself."""


def sync_folder(path: Path) -> None:
    """Bring the names in the folder to disk, as far as its file system offers that. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NOT_OFFERED:
            raise
    finally:
        os.close(descriptor)
