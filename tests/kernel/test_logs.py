"""Log lines: nothing secret, and nothing that pretends to be a line of its own."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from kernel import logs
from kernel.redaction import redacted

SECRETS = [
    "swb_Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5",
    "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJtYWRlIHVwIn0.c2lnbmF0dXJl",
    "hunter2-made-up",
]


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def logged(form: str, message: str, *arguments: object, error: Exception | None = None) -> str:
    stream = io.StringIO()
    logs.set_up(form, "info", stream)
    logging.getLogger("plugins.test").error(message, *arguments, exc_info=error)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "template",
    [
        "password: {}",
        '{{"shared_secret": "{}"}}',
        "refresh_token={}&x=1",
        "Authorization: Bearer {}",
        "socks5://user:{}@proxy.example:1080 does not answer",
    ],
)
def test_what_looks_like_a_secret_is_not_written(form: str, secret: str, template: str) -> None:
    said = template.format(secret)

    assert secret not in logged(form, "it failed: %s", said)
    assert secret not in logged(form, "it failed", error=ValueError(said))
    assert logs.REDACTED in logged(form, said.replace("%", "%%"))


@pytest.mark.parametrize(
    "harmless",
    [
        "the password is wrong: type it again",
        "bot_01h455vb4pex5vsknk084sn02q is online through http://proxy.example:8080",
        "the token of operator:anna was revoked",
        "GET /api/event-stream: 200",
    ],
)
def test_what_is_no_secret_stays(harmless: str) -> None:
    assert redacted(harmless) == harmless


@pytest.mark.parametrize("control", ["\n", "\r", "\x1b[2J", "\x00", "\x85", "\u2028", "\x9b31m"])
def test_nobody_from_outside_can_begin_a_line_or_move_the_cursor(control: str) -> None:
    line = logged("console", "player wrote %s", f"hi{control}2026-01-01 INFO kernel: all is well")

    assert len(line.splitlines()) == 1
    assert control not in line.removesuffix("\n")
    as_json = logged("json", "player wrote %s", f"hi{control}x")
    assert len(as_json.rstrip("\n").split("\n")) == 1
    assert json.loads(as_json)["message"] == f"player wrote hi{control}x"


def test_a_traceback_comes_indented_or_in_a_field_of_its_own() -> None:
    try:
        raise ValueError("no such\n2026-01-01 INFO kernel: line")
    except ValueError as error:
        raised = error

    first, *rest = logged("console", "it failed", error=raised).splitlines()
    assert first.endswith("ERROR plugins.test: it failed")
    assert all(line.startswith("  ") for line in rest)
    told = json.loads(logged("json", "it failed", error=raised))
    assert (told["level"], told["logger"], told["message"]) == ("error", "plugins.test", "it failed")
    assert "ValueError" in told["error"]
    assert told["ts"] > 1_700_000_000_000


def test_a_line_without_end_is_cut() -> None:
    assert len(logged("console", "x" * 1_000_000)) < logs.LONGEST + 200
