"""Log lines: one event a line for people or as JSON for machines, with nothing secret and no control character in it.

The last place through which everything passes: whoever logs should not name a secret to begin with.
"""

from __future__ import annotations

import logging
import sys
from typing import Final, TextIO

import msgspec

from kernel import redaction
from kernel.log_rates import RepeatsFilter
from kernel.redaction import REDACTED as REDACTED
from kernel.redaction import redacted as redacted
from kernel.redaction import visible

CHATTY: Final = ("httpx", "httpcore", "websockets", "uvicorn")
"""Libraries of whose everyday work nobody wants to read."""
LONGEST: Final = redaction.LONGEST
"""Characters; a longer line is cut before it is searched."""
TRACEBACK: Final = 64 * 1024
"""Characters of a traceback, whose lines are cut each for itself."""


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A log line as JSON: `ts` in UTC milliseconds, `logger` a plugin's name, `error` a traceback."""

    ts: int
    level: str
    logger: str
    message: str
    error: str | None = None


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
            message=redacted(record.getMessage()).encode("utf-8", "backslashreplace").decode(),
            error=_traceback(self, record) or None,
        )
        return msgspec.json.encode(line).decode()


FORMATS: Final = {"console": Console, "json": Json}


def set_up(form: str = "console", level: str = "info", stream: TextIO | None = None) -> None:
    """Have everything that is logged go to `stream` (standard error) in that form. May be called again."""
    handler = logging.StreamHandler(stream) if stream is not None else _Standard()
    handler.setFormatter(FORMATS[form]())
    handler.addFilter(RepeatsFilter())
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
    return visible(redacted(text))


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    """The traceback, line by line, each without what could pretend to be another line's beginning."""
    if not record.exc_info:
        return ""
    lines = formatter.formatException(record.exc_info)[:TRACEBACK].splitlines()
    return "\n".join(f"  {_one_line(line)}" for line in lines)
