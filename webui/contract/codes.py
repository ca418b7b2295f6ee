"""The codes that the page has a sentence for: what the kernel and our plugins declare, but for what it never meets."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Final

import plugins
from kernel import codes, deal_rows, rows
from kernel.codes import BotReason, Code, KernelRefusal, MessageReason, RefusalCode, TaskReason, WaitReason
from plugins.api.codes import ApiRefusal
from plugins.live_shell.codes import ShellRefusal
from plugins.steam.codes import SteamReason, SteamRefusal

VOCABULARIES: Final[tuple[type[Code], ...]] = (BotReason, TaskReason, MessageReason, RefusalCode)
"""The bases that stand for a set of sentences on the page, each by where its codes stand."""

_STRANGE: Final = "of addresses that the page does not ask for, or of requests that it does not make"
_AUDIT: Final = "the audit has a sentence of its own for whatever it is refused for"
_UNAWAITED: Final = "what the page tells of itself is not waited for"
_SHELL: Final = "the shell is opened from a notebook or the command line"
_IMPORT: Final = "of the command line, which reads files itself"
_KEY: Final = "the transport does not start, or the command line says it"
NEVER_SHOWN: Final[Mapping[Code, str]] = {
    KernelRefusal.HANDLER_TAKEN: "a bug of whoever writes a plugin, told at its start",
    KernelRefusal.IN_DOUBT: "of requests to Steam, which plugins alone make; what is in doubt has it for a reason",
    WaitReason.WITHDRAWN: "the task has ended before, or goes to another bot",
    ApiRefusal.BAD_REQUEST: _STRANGE,
    ApiRefusal.NOT_FOUND: _STRANGE,
    ApiRefusal.METHOD_NOT_ALLOWED: _STRANGE,
    ApiRefusal.NOT_JSON: _STRANGE,
    ApiRefusal.INVALID_HOST: "a browser's Host is one",
    ApiRefusal.NO_JOURNAL: _AUDIT,
    ApiRefusal.INVALID_FILTER: _AUDIT,
    ApiRefusal.TOO_MANY_STREAMS: "the page shows that it is not connected, and tries again",
    ApiRefusal.INVALID_PAGE: _UNAWAITED,
    ApiRefusal.UNKNOWN_PAGE: _UNAWAITED,
    ApiRefusal.INVALID_PRESENCE: _UNAWAITED,
    ApiRefusal.NOT_BLOCKED: "of the command line",
    ApiRefusal.INVALID_DAYS: "the page makes tokens that are good until they are taken back",
    **dict.fromkeys(ShellRefusal, _SHELL),
    SteamRefusal.MA_FILE_UNREADABLE: _IMPORT,
    SteamReason.SECRETS_NONE: _KEY,
    SteamReason.SECRETS_IN_USE: _KEY,
    SteamReason.SECRETS_KEY_UNREADABLE: _KEY,
    SteamReason.SECRETS_KEY_DAMAGED: _KEY,
    SteamReason.SECRETS_KEY_EXPOSED: _KEY,
    SteamReason.SECRETS_KEYRING_MISSING: _KEY,
    SteamReason.SECRETS_KEYRING_CLOSED: _KEY,
    SteamReason.TOKEN_REJECTED: "the bot signs in anew with its password, and what comes of that is told",
    SteamReason.STEAM_FAILED: "of errors that end no connection",
}
"""Codes that never come to the page, and why; their sentence is told as it is where one comes all the same."""


def modules() -> Iterator[ModuleType]:
    """Those in which codes are declared: of the kernel, and of each plugin of ours that gives any."""
    yield from (codes, rows, deal_rows)
    for package in pkgutil.iter_modules(plugins.__path__):
        folder = importlib.import_module(f"plugins.{package.name}")
        if any(module.name == "codes" for module in pkgutil.iter_modules(folder.__path__)):
            yield importlib.import_module(f"{folder.__name__}.codes")


def declared(kind: type[Code] = Code) -> Iterator[Code]:
    """Every code that is declared on that base, an enum after the other."""
    for module in modules():
        for enum in vars(module).values():
            if isinstance(enum, type) and issubclass(enum, kind) and enum.__module__ == module.__name__:
                yield from enum


def shown(vocabulary: type[Code]) -> list[str]:
    """What the page has a sentence for, each once: enums of one base may share a code, and then mean the same."""
    never = {(type(code), code) for code in NEVER_SHOWN}
    return list(dict.fromkeys(code.value for code in declared(vocabulary) if (type(code), code) not in never))
