"""The table `[llm_agent]`."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from decimal import Decimal
from math import isfinite
from typing import Final, Literal
from urllib.parse import urlsplit

from kernel.findings import Deployment
from kernel.kept_secrets import is_place
from kernel.plugin import PluginConfig
from plugins.llm_agent.errors import KeyUnreadable
from plugins.llm_agent.key import read

INSTRUCTIONS_LENGTH: Final = 2_000


class LlmAgentConfig(PluginConfig, frozen=True, kw_only=True):
    """Where the model is, what it may spend, and how the trade is led. Spans in seconds run by the wall's clock."""

    model: str
    """The model's name, as the endpoint has it."""
    base_url: str = "http://127.0.0.1:11434/v1"
    """Of an OpenAI-compatible endpoint, before `/chat/completions`. The default is Ollama's."""
    api_key: str | None = None
    """Where the key is: `env:NAME` or `file:/path` (mode 0600). Never the key itself."""
    structured: Literal["json_schema", "json_object", "none"] = "json_schema"
    """What the endpoint is asked for, so that it answers in our form; that it did is checked in any case."""
    token_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"  # noqa: S105 - of language, not of sign-in
    """How the endpoint calls the limit on an answer: OpenAI's newer models want the second."""
    instructions: str = ""
    """What else the model is told, such as its tone. It can loosen nothing."""
    default_language: Literal["en", "ru"] = "en"
    """Spoken where the task names no language, or one that the bounds cannot read."""
    side: Literal["buy", "sell"] = "buy"
    """Whether the player is to sell us the item or to buy it: it decides which price is against us."""
    opening: float = 0.0
    """Where our first offer is, between the price that is best for us (0) and worst (1)."""
    concession: float = 0.34
    """How much of the range one turn may give way, at most."""
    turns: int = 12
    """Replies in one dialogue; then somebody else goes on."""
    tokens: int = 20_000
    """Of the whole dialogue: what is asked and what is answered, as the endpoint counts."""
    answer_tokens: int = 400
    """Of one answer."""
    drafts: int = 3
    """How often the model may write one reply: a draft outside the bounds is sent back with what is wrong."""
    turn_deadline_s: float = 40.0
    """From the turn to the reply, whatever happens between; less where the kernel's `respond_deadline_s` is short."""
    connect_s: float = 5.0
    """How long a connection to the endpoint may take to open."""
    gap_s: float = 20.0
    """The longest silence of an answer under way, before its first word too."""
    at_once: int = 4
    """Requests under way; other turns wait in line, within their deadline."""
    rest_s: float = 30.0
    """How long an endpoint that failed is left alone before it is asked again."""
    silence_minutes: int = 60
    """How long a silent player is waited for, before the one reminder and after it."""
    fall_back: Literal["next", "operator"] = "next"
    """Who takes a dialogue that the model cannot lead: the next agent in the config's order, or a person."""

    def __post_init__(self) -> None:
        if not self.model.strip():
            raise ValueError("model: must not be blank")
        _check_url(self.base_url, with_key=self.api_key is not None)
        if self.api_key is not None and not is_place(self.api_key):
            raise ValueError("api_key: write env:NAME_OF_A_VARIABLE or file:/path/to/the/key, never the key itself")
        if len(self.instructions) > INSTRUCTIONS_LENGTH:
            raise ValueError(f"instructions: at most {INSTRUCTIONS_LENGTH} characters")
        for name in ("turns", "tokens", "answer_tokens", "drafts", "at_once", "silence_minutes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: must be at least 1")
        for name in ("turn_deadline_s", "connect_s", "gap_s", "rest_s"):
            if not (isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise ValueError(f"{name}: must be a number above 0")
        if not 0 <= self.opening <= 1:
            raise ValueError("opening: must be from 0 to 1")
        if not 0 < self.concession <= 1:
            raise ValueError("concession: must be above 0 and at most 1")

    def findings(self, deployment: Deployment) -> Iterator[str]:
        """See `kernel.findings.Examined`."""
        try:
            read(self.api_key)
        except KeyUnreadable as error:
            yield str(error).removeprefix("llm_agent: ")
        if self.answer_tokens > self.tokens:
            yield "answer_tokens: one answer may take more than tokens, those of the whole dialogue; raise that"
        if self.connect_s > self.turn_deadline_s:
            yield "connect_s: is above turn_deadline_s, which ends the turn before; lower it"

    @property
    def opening_share(self) -> Decimal:
        return Decimal(str(self.opening))

    @property
    def concession_share(self) -> Decimal:
        return Decimal(str(self.concession))


def _check_url(url: str, *, with_key: bool) -> None:
    """Without repeating it: whoever wrote a password into it does not want to read it in a log."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or not url.isprintable():
        raise ValueError("base_url: must be an http or https address such as http://127.0.0.1:11434/v1")
    if "@" in parts.netloc:
        raise ValueError("base_url: must have no user or password in it; a key belongs where api_key says")
    if with_key and parts.scheme == "http" and not _is_loopback(host):
        raise ValueError("base_url: a key goes to another machine only over https; http would show it to the network")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
