"""The config: TOML, one table a plugin, and the environment over it; all that is wrong with it is said at once."""

from __future__ import annotations

import codecs
import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from math import inf, isfinite
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from kernel import env_settings
from kernel.errors import ConfigInvalid
from kernel.plugin import Plugin, PluginConfig
from kernel.regular_files import read_regular

C = TypeVar("C", bound=PluginConfig)
Available = Mapping[str, type[Plugin[Any]]]
KERNEL: Final = "kernel"
_NONE: Final[Mapping[str, Any]] = {}


SPANS: Final = ("stop_deadline_s", "drain_deadline_s", "hang_limit_s", "respond_deadline_s", "command_deadline_s")


class KernelConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[kernel]`."""

    plugins: tuple[str, ...]
    """What runs, in the order in which it is started and asked. A journal belongs first."""
    stop_deadline_s: float = 15.0
    """How long a plugin may take to stop before it is left behind, and named."""
    drain_deadline_s: float = 10.0
    """How long what a plugin has under way may take to end before it is reloaded, swapped or disabled."""
    error_budget: int = 200
    """Failures within a minute after which a plugin is switched off."""
    hang_budget: int = 3
    """Answers that never came, within ten minutes, after which a plugin is switched off."""
    hold_limit_ms: int = 500
    """A plugin that holds the event loop for longer, with all bots waiting, is named."""
    hold_budget_ms: int = 1_500
    """Holding it for that long within a minute, a plugin is switched off."""
    hang_limit_s: float = 10.0
    """A plugin that does not give the event loop back at all is interrupted after so long."""
    respond_deadline_s: float = 60.0
    """How long an agent may think."""
    command_deadline_s: float = 300.0
    """How long a plugin may take to carry a command out."""
    plugin_folder: str | None = None
    """A folder whose files `NAME.py` are plugins too, beside this file unless the path is absolute."""

    def __post_init__(self) -> None:
        if not self.plugins:
            raise ValueError("plugins: name at least one")
        if len(set(self.plugins)) < len(self.plugins):
            raise ValueError("plugins: names one twice")
        for name in SPANS:
            if not 0 < getattr(self, name) < inf:
                raise ValueError(f"{name}: must be a number above 0")
        for name in ("error_budget", "hang_budget", "hold_limit_ms", "hold_budget_ms"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: must be at least 1")


class Config:
    """A config that holds: the kernel's table, and one for each plugin that it lists."""

    def __init__(
        self,
        kernel: KernelConfig,
        plugins: Mapping[str, PluginConfig],
        document: Mapping[str, Any] = _NONE,
        path: Path | None = None,
        environment: Mapping[str, str] = _NONE,
    ) -> None:
        self.kernel = kernel
        self.plugins = plugins
        self.path = path
        self._document = document
        self.environment = environment

    def table(self, name: str, model: type[C]) -> C:
        """The table of one plugin, as the file and the files that variables name have it by now: for one that is
        started while the system runs.

        Raises ConfigInvalid.
        """
        document = read(self.path) if self.path is not None else self._document
        given = env_settings.read(env_settings.about(name, self.environment), {name: model})
        problems = list(given.problems)
        table = _table(name, model, given.over(document).get(name), problems, given)
        if table is None:
            raise ConfigInvalid(problems)
        return table

    def naming(self, name: str) -> list[str]:
        """Where the file and the environment over it name that plugin by now: what the next start would find.

        Raises ConfigInvalid.
        """
        document = read(self.path) if self.path is not None else self._document
        given = env_settings.read(env_settings.about(KERNEL, self.environment), {KERNEL: KernelConfig})
        if given.problems:
            raise ConfigInvalid(given.problems)
        places = []
        if name in _names(given.over(document)):
            variable = given.variables.get((KERNEL, "plugins"))
            places.append("[kernel] plugins" + (f" (set by {variable})" if variable else ""))
        if name in document:
            places.append(f"[{name}]")
        return [*places, *sorted(env_settings.about(name, self.environment))]


def load(
    path: Path,
    available: Available,
    broken: Mapping[str, str] = _NONE,
    environment: Mapping[str, str] = os.environ,
) -> Config:
    """Read and check the file and the environment. Raises ConfigInvalid with every problem, each naming its table and
    key, and its variable."""
    environment = dict(environment)
    config = check(read(path), available, broken, environment)
    return Config(config.kernel, config.plugins, path=path, environment=environment)


MOST_BYTES: Final = 1024 * 1024
"""Of a config."""


def toml(path: Path) -> dict[str, Any]:
    """What a TOML file holds, with or without the mark that some editors begin one with (BOM). Raises OSError, and
    ValueError with what is wrong with it."""
    content = read_regular(path, MOST_BYTES)
    if len(content) > MOST_BYTES:
        raise ValueError(f"has more than {MOST_BYTES // 1024} KiB, which no config has")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError("is UTF-16; save it as UTF-8")
    try:
        return tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
    except UnicodeDecodeError as error:
        raise ValueError("is not UTF-8; save it as that") from error
    except RecursionError as error:
        raise ValueError("is not TOML: arrays or tables are too deep within each other") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is not TOML: {error}") from error


def read(path: Path) -> dict[str, Any]:
    """What the file holds. Raises ConfigInvalid."""
    try:
        return toml(path)
    except OSError as error:
        raise ConfigInvalid([f"{path}: cannot be read: {error.strerror}"]) from error
    except ValueError as error:
        raise ConfigInvalid([f"{path}: {error}"]) from error


def models(available: Available) -> dict[str, type[PluginConfig]]:
    """The tables that a config may have."""
    return {KERNEL: KernelConfig, **{name: plugin.Config for name, plugin in available.items()}}


def check(
    document: Mapping[str, Any],
    available: Available,
    broken: Mapping[str, str] = _NONE,
    environment: Mapping[str, str] = _NONE,
) -> Config:
    """Make a Config of the tables and of what the environment has in their place. Raises ConfigInvalid with every
    problem.

    `broken` says of installed plugins why they cannot be used: a problem only for a config that names them.
    """
    tables = models(available)
    given = env_settings.read(environment, tables, broken)
    document, problems = given.over(document), list(given.problems)
    for name, table in document.items():
        if name not in tables and name not in broken:
            problems.append(f"[{name}]: there is no such plugin{_did_you_mean(name, tables)}")
        elif not isinstance(table, dict):
            problems.append(f"{name}: must be a table: write [{name}] above its settings")
    kernel = _table(KERNEL, KernelConfig, document.get(KERNEL), problems, given)
    wanted = kernel.plugins if kernel is not None else _names(document)
    for name in wanted:
        if name in broken:
            problems.append(f"[kernel] plugins: {name}: {broken[name]}")
        elif name not in available:
            problems.append(f"[kernel] plugins: there is no plugin {name!r}{_did_you_mean(name, available)}")
    problems.extend(
        f"[kernel] plugins: must list {name}: {(plugin.__doc__ or '').strip().splitlines()[0]}"
        for name, plugin in available.items()
        if plugin.required and name not in wanted
    )
    configs: dict[str, PluginConfig] = {}
    for name, plugin in available.items():
        if name in wanted or name in document:
            config = _table(name, plugin.Config, document.get(name), problems, given)
            if config is not None:
                configs[name] = config
    if problems or kernel is None:
        raise ConfigInvalid(problems)
    return Config(kernel, {name: configs[name] for name in kernel.plugins}, document)


def _names(document: Mapping[str, Any]) -> list[str]:
    """The plugins that a [kernel] table with other mistakes still names, so that theirs are found too."""
    table = document.get(KERNEL)
    names = table.get("plugins") if isinstance(table, dict) else None
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _table(
    name: str, model: type[C], table: object, problems: list[str], given: env_settings.Given = env_settings.NOTHING
) -> C | None:
    """Check a table key by key: msgspec alone would stop at the first mistake."""
    values = table if isinstance(table, dict) else {}
    fields = {field.encode_name: field for field in msgspec.structs.fields(model)}
    mistakes = [
        f"[{name}] {key}: there is no such setting{_did_you_mean(key, fields)}" for key in values if key not in fields
    ]
    good = {key: values[key] for key in fields if key in values}
    for key, field in fields.items():
        if key not in values:
            if field.required:
                mistakes.append(f"[{name}] {key}: is missing")
        elif wrong := _mistake(values[key], field.type):
            mistakes.append(given.blamed(f"[{name}] {key}: {wrong}", [(name, key)]))
            del good[key]
    made, objections = _make(model, good)
    mistakes.extend(
        given.blamed(f"[{name}] {objection}", [(name, key) for key in _keys_of(objection)]) for objection in objections
    )
    problems.extend(mistakes)
    return None if mistakes else made


def _mistake(value: object, kind: object) -> str | None:
    """Why it is no such value. Numbers are finite: what is compared with nan is never too large."""
    try:
        converted = msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        return f"{str(error)[:1].lower()}{str(error)[1:]}"
    return "must be a finite number" if isinstance(converted, float) and not isfinite(converted) else None


def _keys_of(objection: str) -> list[str]:
    """Of `key: sentence` and `key, key: sentence`; an entry of a table, `key.entry`, is of its key."""
    return [key.partition(".")[0] for key in objection.partition(":")[0].split(", ")]


def _make(model: type[C], values: dict[str, Any]) -> tuple[C | None, list[str]]:
    """The table, and what its own `__post_init__` says: it stops at the first mistake, `key: sentence` or
    `key, key: sentence`, so it is asked again without those keys, as if their defaults stood there."""
    objections: list[str] = []
    while all(field.encode_name in values for field in msgspec.structs.fields(model) if field.required):
        try:
            return msgspec.convert(values, model), objections
        except msgspec.ValidationError as error:
            objections.append(str(error))
        named = _keys_of(objections[-1])
        rest = {key: value for key, value in values.items() if key not in named}
        if len(rest) == len(values):
            break
        values = rest
    return None, objections


def _did_you_mean(name: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are: {', '.join(sorted(known)) or 'none'}"
