"""manifest.json open for changes, by one thread at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock

import msgspec

from kernel import manifest as manifests
from kernel.manifest import JournalManifest, ManifestDamaged, Segment
from plugins.journal.folder import put


class ManifestFile:
    """`manifest` is what stands on disk, or is about to."""

    def __init__(self, folder: Path, manifest: JournalManifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self._lock = Lock()

    def change(self, how: Callable[[JournalManifest], JournalManifest]) -> None:
        """Replace it. Raises OSError; `manifest` says whether it was replaced all the same."""
        with self._lock:
            changed = how(self.manifest)
            try:
                put(self.folder / manifests.FILE, manifests.encode(changed))
            except OSError:
                with suppress(OSError, ManifestDamaged):
                    if manifests.read(self.folder) == changed:  # the folder could not be synced
                        self.manifest = changed
                raise
            self.manifest = changed

    def add(self, segment: Segment) -> None:
        """One more, the newest. Raises OSError."""
        self.change(lambda manifest: _with(manifest, (*manifest.segments, segment)))

    def replace(self, segment: Segment) -> None:
        """The one that begins with the same event is this now. Raises OSError."""
        self.change(
            lambda manifest: _with(
                manifest, tuple(segment if one.first == segment.first else one for one in manifest.segments)
            )
        )

    @property
    def unsealed(self) -> list[Segment]:
        """Those that are to be sealed, the oldest first."""
        return [one for one in self.manifest.segments if not one.is_sealed]


def _with(manifest: JournalManifest, segments: tuple[Segment, ...]) -> JournalManifest:
    return msgspec.structs.replace(manifest, segments=segments)
