"""The files of an import: single ones, what a folder holds, what a zip holds. Nothing is ever written to the disk.

All is bounded: how many files, how deep, how large each and all together, and how far an archive may blow up.
"""

from __future__ import annotations

import io
import os
import posixpath
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from kernel.regular_files import read_regular
from plugins.steam import texts
from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import InputInvalid

MAX_FILES: Final = 20_000
MAX_DEPTH: Final = 16
MAX_FILE: Final = 16 * 1024 * 1024
"""Bytes of one file: a maFile has 2 kB, a zip of ten thousand of them some 10 MB."""
MAX_TOTAL: Final = 64 * 1024 * 1024
MAX_RATIO: Final = 200
"""How much larger than itself a zip may become; maFiles become three times as large."""
FREE_BYTES: Final = 1024 * 1024
"""What a zip may become whatever its size."""
MANIFEST: Final = "manifest.json"

_SIDE_FILES: Final = re.compile(r"(?:^|/)(?:__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_MAFILE: Final = re.compile(
    r"\.mafile(?: ?\(\d+\)| - (?:copy|копия)(?: ?\(\d+\))?)?(?:\.(?:txt|json|bak|old|disabled))*$", re.IGNORECASE
)
_READABLE: Final = re.compile(r"(?:\.(?:json|txt|bak|cfg)|/[^./]+|^[^./]+)$", re.IGNORECASE)
_SAYS_MAFILE: Final = re.compile(r"shared_?secret|otpauth://", re.IGNORECASE)
_OTHER_ARCHIVES: Final = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_SAMPLE: Final = 64 * 1024


class ImportFile(NamedTuple):
    """A file by its path within what was given, or why it cannot be read. Its repr would tell secrets."""

    name: str
    raw: bytes = b""
    problem: InputInvalid | None = None

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.name)

    def __repr__(self) -> str:
        return f"ImportFile(name={self.name!r}, {len(self.raw)} bytes, problem={self.problem!r})"


class Sorted(NamedTuple):
    """What an import has to do with each file."""

    mafiles: list[ImportFile]
    manifests: list[ImportFile]
    passed_over: list[str]


def sort(files: Iterable[ImportFile]) -> Sorted:
    """Take zips apart, and tell maFiles and manifests from what only lies beside them."""
    found = Sorted([], [], [])
    for file in _bounded(expand(files)):
        if _SIDE_FILES.search(file.name):
            continue
        if posixpath.basename(file.name).casefold() == MANIFEST and not is_mafile(file):
            found.manifests.append(file)
        elif file.problem is not None or is_mafile(file):
            found.mafiles.append(file)
        else:
            found.passed_over.append(file.name)
    return found


def is_mafile(file: ImportFile) -> bool:
    """By its name, whatever a browser or a mail program appended to it, or by what a readable file says."""
    if _MAFILE.search(file.name):
        return True
    return bool(_READABLE.search(file.name) and _SAYS_MAFILE.search(texts.decode(file.raw[:_SAMPLE])))


def is_wanted(file: ImportFile) -> bool:
    """Whether it is worth sending: what cannot be a maFile, a manifest or an archive is left where it is."""
    named = posixpath.basename(file.name).casefold() == MANIFEST
    return named or is_mafile(file) or file.raw.startswith((*_ZIP, *_OTHER_ARCHIVES))


def in_paths(paths: Iterable[Path], *, without: Iterable[Path] = ()) -> Iterator[ImportFile]:
    """The files of folders, with all below them, and single files as they are. Raises OSError for what is not there.

    `without`: lists that may lie in the same folder.
    """
    lists = {path.resolve() for path in without}
    for path in paths:
        if path.is_dir():
            yield from _in_folder(path, lists)
        else:
            path.stat()
            yield _read(path, path.name)


def expand(files: Iterable[ImportFile]) -> Iterator[ImportFile]:
    """The files, and in the place of each zip what it holds."""
    for file in files:
        if file.raw.startswith(_ZIP):
            yield from _in_zip(file)
        elif file.raw.startswith(_OTHER_ARCHIVES):
            text = "this is an archive, and not a zip; unpack it and give the folder, or pack it as a zip"
            yield _refused(file.name, SteamRefusal.ARCHIVE_KIND, text)
        else:
            yield file


def _bounded(files: Iterable[ImportFile]) -> Iterator[ImportFile]:
    total = 0
    for number, file in enumerate(files):
        total += len(file.raw)
        if number >= MAX_FILES or total > MAX_TOTAL:
            most = f"{MAX_FILES} files and {MAX_TOTAL // 1024**2} MiB"
            text = f"from here on nothing is read: one import takes at most {most}; give the rest in another one"
            yield _refused(file.name, SteamRefusal.IMPORT_TOO_LARGE, text)
            return
        yield file


def _in_folder(folder: Path, without: set[Path]) -> Iterator[ImportFile]:
    count = 0
    for place, folders, names in os.walk(folder):
        below = Path(place).relative_to(folder)
        folders[:] = sorted(folders) if len(below.parts) < MAX_DEPTH else []
        for name in sorted(names):
            path = Path(place) / name
            shown = (below / name).as_posix()
            if _SIDE_FILES.search(shown) or not path.is_file() or path.resolve() in without:
                continue
            count += 1
            yield _read(path, shown)
            if count > MAX_FILES:
                return


def _read(path: Path, shown: str) -> ImportFile:
    try:
        if path.stat().st_size > MAX_FILE:
            return _too_large(shown)
        return ImportFile(shown, read_regular(path, MAX_FILE))
    except OSError as error:
        text = f"the file cannot be read: {error.strerror}; check its mode"
        return _refused(shown, SteamRefusal.MA_FILE_UNREADABLE, text)


def _in_zip(archive: ImportFile) -> Iterator[ImportFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(archive.raw)) as opened:
            yield from _entries(archive, opened)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OSError, NotImplementedError, IndexError):
        text = "the zip is damaged; pack it anew, or unpack it and give the folder"
        yield _refused(archive.name, SteamRefusal.ARCHIVE_DAMAGED, text)


def _entries(archive: ImportFile, opened: zipfile.ZipFile) -> Iterator[ImportFile]:
    left = max(FREE_BYTES, len(archive.raw) * MAX_RATIO)
    within = posixpath.splitext(archive.name)[0]
    for number, info in enumerate(opened.infolist()):
        if info.is_dir():
            continue
        path = info.filename.replace("\\", "/")
        file = _entry(f"{within}/{path}", path, info, opened, min(left, MAX_FILE))
        left -= len(file.raw)
        if left < 0 or number >= MAX_FILES:
            text = f"the zip becomes more than {MAX_RATIO} times its size; unpack it and give the folder"
            yield _refused(archive.name, SteamRefusal.ARCHIVE_TOO_LARGE, text)
            return
        yield file


def _entry(shown: str, path: str, info: zipfile.ZipInfo, opened: zipfile.ZipFile, most: int) -> ImportFile:
    if path.startswith("/") or ":" in path.split("/")[0] or ".." in path.split("/") or path.count("/") > MAX_DEPTH:
        text = "its path leads out of the zip; pack it anew"
        return _refused(posixpath.basename(path) or "..", SteamRefusal.ARCHIVE_PATH, text)
    if stat.S_ISLNK(info.external_attr >> 16):
        return _refused(shown, SteamRefusal.ARCHIVE_PATH, "it is a link and no file; pack the file itself")
    if info.flag_bits & 1:
        text = "the zip is protected by a password; unpack it and give the folder"
        return _refused(shown, SteamRefusal.ARCHIVE_ENCRYPTED, text)
    try:
        with opened.open(info) as entry:
            raw = entry.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError, RuntimeError):
        text = "this file of the zip is damaged; pack it anew, or unpack it and give the folder"
        return _refused(shown, SteamRefusal.ARCHIVE_DAMAGED, text)
    if len(raw) > MAX_FILE:
        return _too_large(shown)
    if raw.startswith((*_ZIP, *_OTHER_ARCHIVES)):
        text = "it is an archive within the zip; unpack it and give the folder"
        return _refused(shown, SteamRefusal.ARCHIVE_KIND, text)
    return ImportFile(shown, raw)


def _too_large(name: str) -> ImportFile:
    text = f"this is over {MAX_FILE // 1024**2} MiB and so no maFile; leave it out"
    return _refused(name, SteamRefusal.MA_FILE_TOO_LARGE, text)


def _refused(name: str, code: SteamRefusal, text: str) -> ImportFile:
    return ImportFile(name, problem=InputInvalid(code, text))
