"""Log lines: one event a line for people or as JSON for machines, with nothing secret and no control character in it.

The last place through which everything passes: whoever logs should not name a secret to begin with.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Final, TextIO

import msgspec

CHATTY: Final = ("httpx", "httpcore", "websockets", "uvicorn")
"""Libraries of whose everyday work nobody wants to read."""
REDACTED: Final = "[redacted]"
LONGEST: Final = 64 * 1024
"""Characters; a longer line is cut."""
_SECRETS: Final = (
    re.compile(r"\bswb_[A-Za-z0-9_-]{8,}"),  # our tokens
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"),  # Steam's, which are JWTs
    re.compile(r"(?<=://)[^/\s@'\"]+:[^/\s@'\"]*(?=@)"),  # the credentials of a proxy's URL
    re.compile(r"(?i)(?<=bearer )[^\s'\"]{8,}"),
    re.compile(
        r"(?i)((?:shared_secret|identity_secret|revocation_code|secret_1|password|passkey|access_token|refresh_token"
        r"|accesstoken|refreshtoken|steamloginsecure|api_key)['\"]?\s*[:=]\s*['\"]?)[^\s'\",;&}\]]{4,}"
    ),
)
_CONTROL: Final = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_CONTROL.update({0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x2028: "\\u2028", 0x2029: "\\u2029"})


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A log line as JSON: `ts` in UTC milliseconds, `logger` a plugin's name, `error` a traceback."""

    ts: int
    level: str
    logger: str
    message: str
    error: str | None = None


def redacted(text: str) -> str:
    """The text without what looks like a secret."""
    for pattern in _SECRETS:
        text = pattern.sub(lambda found: (found[1] if found.re.groups else "") + REDACTED, text)
    return text


class Console(logging.Formatter):
    """For people: time, level, logger, message; a traceback follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        when = self.formatTime(record)
        text = f"{when} {record.levelname} {record.name}: {_one_line(record.getMessage())}"
        trace = _traceback(self, record)
        return f"{text}\n{trace}" if trace else text


class Json(logging.Formatter):
    """For machines: one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = Line(
            ts=int(record.created * 1_000),
            level=record.levelname.lower(),
            logger=record.name,
            message=redacted(record.getMessage()[:LONGEST]),
            error=_traceback(self, record) or None,
        )
        return msgspec.json.encode(line).decode()


FORMATS: Final = {"console": Console, "json": Json}


def set_up(form: str = "console", level: str = "info", stream: TextIO | None = None) -> None:
    """Have everything that is logged go to `stream` (standard error) in that form. May be called again."""
    handler = logging.StreamHandler(stream) if stream is not None else _Standard()
    handler.setFormatter(FORMATS[form]())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


class _Standard(logging.StreamHandler[TextIO]):
    """Writes to what is standard error at that moment: whoever redirects it gets the log too."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def _one_line(text: str) -> str:
    """Nothing that came from outside can begin a new line, or move a terminal's cursor."""
    return redacted(text[:LONGEST]).translate(_CONTROL)


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    """The traceback, line by line, each without what could pretend to be another line's beginning."""
    if not record.exc_info:
        return ""
    lines = formatter.formatException(record.exc_info)[:LONGEST].splitlines()
    return "\n".join(f"  {_one_line(line)}" for line in lines)
