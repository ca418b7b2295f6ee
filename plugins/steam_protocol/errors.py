"""What can be wrong with bytes and words that come from the other side of Steam's protocol.

ProtocolError
├── SchemaError        the installed `steam` is not the one whose descriptors we read: reinstall
├── FrameError         this Steam message cannot be used: drop it, or the connection it came over
│   ├── Truncated      the bytes end before the message does
│   ├── Malformed      the bytes are there and make no sense
│   └── Oversized      it would expand beyond what we are willing to hold
├── TokenMalformed     not a Steam token: ask for a new one
└── NotAnIndividual    not the SteamID64 of a person's account: ask a human for the right one
"""

from __future__ import annotations


class ProtocolError(Exception):
    """Everything that this package raises on purpose."""


class SchemaError(ProtocolError):
    """The `steam` distribution in this environment lacks what we load from it; nothing can work."""


class FrameError(ProtocolError):
    """The other side sent bytes that are no Steam message."""


class Truncated(FrameError):
    """The message says it is longer than the bytes that came."""


class Malformed(FrameError):
    """The message is complete, but a part of it cannot be parsed."""


class Oversized(FrameError):
    """The message expands to more bytes, or nests deeper, than any honest one does."""


class TokenMalformed(ProtocolError):
    """Not three base64url parts with the claims of a Steam token; the token's text is never quoted."""


class NotAnIndividual(ProtocolError):
    """A number or text that is not the SteamID64 of an individual account in the public universe."""
