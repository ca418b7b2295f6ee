"""One Steam message as bytes and back, and the Multi that packs many into one.

    u32 emsg | 0x80000000, u32 header length, CMsgProtoBufHeader, body            protobuf
    u32 emsg, u8 36, u16 2, u64 target job, u64 source job, u8 239,
        u64 steamid, i32 session, body                                            struct, the old form

All integers are little-endian. A WebSocket message of the CM is exactly one such message, without a length
before it. No clock, no socket, no state.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeVar

from google.protobuf.message import DecodeError, Message

from plugins.steam_protocol import emsg as emsgs
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.errors import Malformed, Oversized, Truncated
from plugins.steam_protocol.messages import CMsgMulti, CMsgProtoBufHeader
from plugins.steam_protocol.schema import pool

MAX_UNPACKED = 32 * 1024 * 1024
"""Bytes that one received message may expand to, all its Multis together."""

MAX_MESSAGES = 50_000
"""Messages that one received message may hold; Steam's burst after a logon has some dozens."""

MAX_DEPTH = 4
"""How deep Multis may nest; Steam's do not."""

NO_JOB: Final = 0xFFFF_FFFF_FFFF_FFFF
"""The job id that means none: the header's default."""

_PROTOBUF = 0x8000_0000
_PREFIX = struct.Struct("<II")
_EXTENDED = struct.Struct("<IBHQQBQi")
_EXTENDED_SIZE, _EXTENDED_VERSION, _EXTENDED_CANARY = 36, 2, 239
_LENGTH = struct.Struct("<I")
_GZIP = 16 + zlib.MAX_WBITS

Body = TypeVar("Body", bound=Message)


@dataclass(frozen=True, slots=True, repr=False)
class Frame:
    """One Steam message. Bodies carry passwords and tokens, so its repr tells only kind and size.

    `emsg` is a plain int: compare it with `EMsg`'s members. A struct message's header is given as a
    `CMsgProtoBufHeader` too, with the four things that the old header has.
    """

    emsg: int
    header: CMsgProtoBufHeader
    body: bytes
    is_protobuf: bool = True

    def __repr__(self) -> str:
        kind = "" if self.is_protobuf else ", struct"
        return f"<Frame {emsgs.name(self.emsg)}{kind}, {len(self.body)} bytes>"

    def parse(self, body_class: type[Body]) -> Body:
        """The body as a message of `body_class`; `Malformed` where it is none."""
        return _parse(self.body, body_class, emsgs.name(self.emsg))

    def parse_foreign(self, body_class: type[Body]) -> Body:
        """The same where many people's texts come in one body, and one that is not UTF-8 must not cost the others.

        Such a text is bytes: read each of them by `sound_text`.
        """
        return _parse(self.body, body_class, emsgs.name(self.emsg), texts=False)


def encode(emsg: int, body: Message | bytes = b"", header: CMsgProtoBufHeader | None = None) -> bytes:
    """A protobuf message as bytes."""
    head = b"" if header is None else header.SerializeToString()
    tail = body if isinstance(body, bytes) else body.SerializeToString()
    return b"".join((_PREFIX.pack(emsg | _PROTOBUF, len(head)), head, tail))


def encode_struct(emsg: int, body: bytes, header: CMsgProtoBufHeader | None = None) -> bytes:
    """A struct message as bytes; of the header only job ids, SteamID and session are kept."""
    head = header or CMsgProtoBufHeader()
    return (
        _EXTENDED.pack(
            emsg,
            _EXTENDED_SIZE,
            _EXTENDED_VERSION,
            head.jobid_target,
            head.jobid_source,
            _EXTENDED_CANARY,
            head.steamid,
            head.client_sessionid,
        )
        + body
    )


def decode(data: bytes) -> Frame:
    """The one message in `data`, a Multi as it is; raises a `FrameError` for anything that is none."""
    if len(data) < _PREFIX.size:
        raise Truncated(f"a Steam message has at least {_PREFIX.size} bytes, this one {len(data)}")
    number, length = _PREFIX.unpack_from(data)
    if not number & _PROTOBUF:
        return _decode_struct(number, data)
    end = _PREFIX.size + length
    name = emsgs.name(number & ~_PROTOBUF)
    if end > len(data):
        raise Truncated(f"{name}: a header of {length} bytes, but only {len(data) - _PREFIX.size} follow")
    header = _parse(data[_PREFIX.size : end], CMsgProtoBufHeader, f"{name}'s header")
    return Frame(number & ~_PROTOBUF, header, data[end:])


def unpack(data: bytes) -> Iterator[Frame]:
    """The messages in `data` in their order, every Multi expanded, lazily.

    Raises a `FrameError` where it comes upon bytes that are no message; the frames before it have been given.
    Never holds more than `MAX_UNPACKED` unpacked bytes nor gives more than `MAX_MESSAGES`, whatever a Multi claims.
    """
    return _unpack(data, _Allowance(MAX_UNPACKED, MAX_MESSAGES), 0)


def pack_multi(messages: Iterable[bytes], *, header: CMsgProtoBufHeader | None = None, gzip: bool = True) -> bytes:
    """Encoded messages as one Multi, in gzip as Steam sends its burst after a logon."""
    payload = b"".join(_LENGTH.pack(len(message)) + message for message in messages)
    if not gzip or not payload:
        return encode(EMsg.MULTI, CMsgMulti(message_body=payload), header)
    packer = zlib.compressobj(wbits=_GZIP)
    packed = packer.compress(payload) + packer.flush()
    return encode(EMsg.MULTI, CMsgMulti(size_unzipped=len(payload), message_body=packed), header)


class _Allowance:
    """How many more bytes and messages one received message may expand to."""

    def __init__(self, size: int, messages: int) -> None:
        self._left = size
        self._messages = messages

    def count(self) -> None:
        self._messages -= 1
        if self._messages < 0:
            raise Oversized(f"a Multi holds more than {MAX_MESSAGES} messages")

    def take(self, size: int) -> None:
        if size > self._left:
            raise Oversized(f"a Multi expands beyond {MAX_UNPACKED} bytes")
        self._left -= size


def _unpack(data: bytes, allowance: _Allowance, depth: int) -> Iterator[Frame]:
    allowance.count()
    frame = decode(data)
    if frame.emsg != EMsg.MULTI or not frame.is_protobuf:
        yield frame
        return
    if depth >= MAX_DEPTH:
        raise Oversized(f"Multis nested more than {MAX_DEPTH} deep")
    multi = frame.parse(CMsgMulti)
    allowance.take(multi.size_unzipped or len(multi.message_body))
    payload = _gunzip(multi.message_body, multi.size_unzipped) if multi.size_unzipped else multi.message_body
    for message in _split(payload):
        yield from _unpack(message, allowance, depth + 1)


def _gunzip(packed: bytes, size: int) -> bytes:
    """Exactly `size` bytes out of one gzip member; a bomb is stopped one byte after what it promised."""
    unpacker = zlib.decompressobj(wbits=_GZIP)
    try:
        payload = unpacker.decompress(packed, size + 1)
    except zlib.error as error:
        raise Malformed(f"a Multi's gzip is broken: {error}") from error
    if len(payload) != size or not unpacker.eof:
        raise Malformed(f"a Multi promises {size} bytes and holds another number of them")
    return payload


def _split(payload: bytes) -> Iterator[bytes]:
    offset = 0
    while offset < len(payload):
        if offset + _LENGTH.size > len(payload):
            raise Truncated("a Multi ends inside a message's length")
        (length,) = _LENGTH.unpack_from(payload, offset)
        offset += _LENGTH.size
        if offset + length > len(payload):
            raise Truncated(f"a Multi holds a message of {length} bytes, but ends before it does")
        yield payload[offset : offset + length]
        offset += length


def _decode_struct(number: int, data: bytes) -> Frame:
    name = emsgs.name(number)
    if len(data) < _EXTENDED_SIZE:
        raise Truncated(f"{name}: a struct message has at least {_EXTENDED_SIZE} bytes, this one {len(data)}")
    _, size, version, target, source, canary, steamid, session = _EXTENDED.unpack_from(data)
    if (size, version, canary) != (_EXTENDED_SIZE, _EXTENDED_VERSION, _EXTENDED_CANARY):
        raise Malformed(f"{name}: not the extended header of a struct message")
    header = CMsgProtoBufHeader(steamid=steamid, client_sessionid=session, jobid_source=source, jobid_target=target)
    return Frame(number, header, data[_EXTENDED_SIZE:], is_protobuf=False)


def sound_text(text: str | bytes) -> str:
    """What can be read of a field of `Frame.parse_foreign`; Steam cuts names by bytes, also within a letter."""
    return text if isinstance(text, str) else text.decode("utf-8", "ignore")


def _parse(data: bytes, body_class: type[Body], what: str, *, texts: bool = True) -> Body:
    try:
        parsed = body_class.FromString(data)
    except DecodeError as error:
        raise Malformed(f"{what} is no {body_class.DESCRIPTOR.name}: {error}") from error
    if texts and not _has_sound_text(parsed):
        raise Malformed(f"{what} has a text that is not UTF-8")
    return parsed


def _has_sound_text(message: Message) -> bool:
    """False where a string field is not UTF-8: protobuf gives it as bytes, and its reader expects str."""
    texts, messages = _text_fields(message.DESCRIPTOR.full_name)
    for field, repeated in texts:
        value = getattr(message, field)
        if not (all(isinstance(item, str) for item in value) if repeated else isinstance(value, str)):
            return False
    for field, repeated in messages:
        if repeated:
            if not all(_has_sound_text(item) for item in getattr(message, field)):
                return False
        elif message.HasField(field) and not _has_sound_text(getattr(message, field)):
            return False
    return True


_Fields = tuple[tuple[str, bool], ...]


@cache
def _text_fields(full_name: str) -> tuple[_Fields, _Fields]:
    """The string fields of a message, and those of its fields that are messages with strings inside."""
    fields = pool().FindMessageTypeByName(full_name).fields
    texts = tuple((field.name, field.is_repeated) for field in fields if field.type == field.TYPE_STRING)
    messages = tuple(
        (field.name, field.is_repeated)
        for field in fields
        if field.message_type is not None and any(_text_fields(field.message_type.full_name))
    )
    return texts, messages
