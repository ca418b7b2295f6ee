"""Lines in independent zstd frames, with the table of the seekable format: any part is read without what is before it.

The frames end with a line, after about FRAME bytes of them, and have zstd's checksum of their content. Two skippable
frames follow, which other programs pass over: how many lines each frame has, and the seek table of zstd's
`contrib/seekable_format`. So `zstd -t` says whether a file is whole, and `zstdcat` gives its lines.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import BinaryIO, Final, NamedTuple

FRAME: Final = 256 * 1024
"""Bytes of lines; larger frames are smaller in all, and an event alone is read in proportion to them."""
LEVEL: Final = 3
_SKIPPABLE: Final = struct.Struct("<II")
_LINES: Final = 0x184D2A50
_TABLE: Final = 0x184D2A5E
_FOOTER: Final = struct.Struct("<IBI")
_SEEKABLE: Final = 0x8F92EAB1
_ENTRY: Final = struct.Struct("<II")


class FramesDamaged(ValueError):
    """The file is not frames with their table, or not what was written."""


class ZstdFrame(NamedTuple):
    """Where a frame lies in its file, what it unpacks to, and how many lines were before it."""

    offset: int
    packed: int
    size: int
    lines: int
    before: int


def packed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The file, piece by piece, of chunks of whole lines."""
    import zstandard  # here and below: notebooks that read no segments do without it

    sizes: list[tuple[int, int]] = []
    lines: list[int] = []
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    for part in _parts(chunks):
        frame = compressor.compress(part)
        sizes.append((len(frame), len(part)))
        lines.append(part.count(b"\n"))
        yield frame
    counts = struct.pack(f"<{len(lines)}I", *lines)
    yield _SKIPPABLE.pack(_LINES, len(counts)) + counts
    sizes.append((_SKIPPABLE.size + len(counts), 0))
    table = b"".join(_ENTRY.pack(*entry) for entry in sizes) + _FOOTER.pack(len(sizes), 0, _SEEKABLE)
    yield _SKIPPABLE.pack(_TABLE, len(table)) + table


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same lines, FRAME bytes and the rest of a line at a time."""
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        start = 0
        while len(data) - start >= FRAME:
            stop = data.find(b"\n", start + FRAME - 1) + 1
            if not stop:
                break
            yield data[start:stop]
            start = stop
        rest = data[start:]
    if rest:
        yield rest


def frames(file: BinaryIO) -> list[ZstdFrame]:
    """The frames of a file, by its table. Raises FramesDamaged, and OSError."""
    end = file.seek(0, 2)
    table = _before(file, end, _FOOTER.size)
    count, descriptor, magic = _FOOTER.unpack(table)
    length = _FOOTER.size + count * _ENTRY.size
    if magic != _SEEKABLE or descriptor or not count or length + _SKIPPABLE.size > end:
        raise FramesDamaged("it has no table of its frames at its end")
    whole = _before(file, end, length + _SKIPPABLE.size)
    if _SKIPPABLE.unpack_from(whole) != (_TABLE, length):
        raise FramesDamaged("the table at its end is damaged")
    *sizes, (last, _) = _ENTRY.iter_unpack(whole[_SKIPPABLE.size : -_FOOTER.size])
    if last != _SKIPPABLE.size + 4 * len(sizes) or sum(entry[0] for entry in sizes) + last + len(whole) != end:
        raise FramesDamaged("the table at its end does not fit its length")
    counted = _before(file, end - len(whole), last)
    if _SKIPPABLE.unpack_from(counted) != (_LINES, last - _SKIPPABLE.size):
        raise FramesDamaged("the numbers of lines before its table are damaged")
    lines = struct.unpack_from(f"<{len(sizes)}I", counted, _SKIPPABLE.size)
    offsets = accumulate((entry[0] for entry in sizes), initial=0)
    before = accumulate(lines, initial=0)
    return [ZstdFrame(offset, *size, *rest) for offset, size, *rest in zip(offsets, sizes, lines, before, strict=False)]


def _before(file: BinaryIO, end: int, count: int) -> bytes:
    if count > end:
        raise FramesDamaged("it is too short")
    file.seek(end - count)
    return file.read(count)


def unpacked(file: BinaryIO, frame: ZstdFrame) -> bytes:
    """The lines of one frame. Raises FramesDamaged, OSError, and ImportError where zstandard is not installed."""
    import zstandard

    file.seek(frame.offset)
    try:
        content = zstandard.ZstdDecompressor().decompress(
            file.read(frame.packed), max_output_size=frame.size, allow_extra_data=False
        )
    except zstandard.ZstdError as error:
        raise FramesDamaged(str(error)) from error
    if len(content) != frame.size or not content.endswith(b"\n"):
        raise FramesDamaged(f"it unpacks to {len(content)} bytes and should be {frame.size}, of whole lines")
    return content


def last_line(found: Sequence[ZstdFrame]) -> int:
    """How many lines there are in all."""
    return found[-1].before + found[-1].lines if found else 0
