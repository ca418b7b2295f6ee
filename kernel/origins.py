"""Where each value of a config comes from: a default, a line of the file, or a variable of the environment."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec

from kernel import env_settings, logs
from kernel.config import KERNEL, Available, Config, models, read
from kernel.env_settings import Given, Name
from kernel.plugin import PluginConfig

MOST_LINES: Final = 2_000
"""Of a file whose lines are told; to find them takes the square of their number."""
WIDEST: Final = 36
"""Characters, to which the places are brought into one column."""
PLACES: Final = ("env:", "file:", "keyring:")
"""What begins a value that says where a secret is, and is none."""
FILE_WORDS: Final = ("file", "path")
TLS: Final = ("tls", "ssl")
"""What begins the name of a setting that names the file of a certificate's key."""


class Source(StrEnum):
    """What has the last word about a setting."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A setting as it is in effect. `place`: `FILE:LINE`, or the variable's name. A value that is hidden is None."""

    source: Source
    place: str | None = None
    hidden: bool = False
    value: Any = msgspec.UNSET


Values = dict[str, dict[str, Value]]
"""By table and key; an entry of a table within a table has the key `key.entry`, and so on."""


def values(config: Config, available: Available, environment: Mapping[str, str]) -> Values:
    """Every setting of the config that was loaded from a file, plugins that it does not list last.

    Raises ConfigInvalid.
    """
    assert config.path is not None  # a config of a file alone has lines
    document, tables = read(config.path), models(available)
    given = env_settings.read(environment, tables)
    lines = _lines(config.path.read_text("utf-8-sig"))
    loaded: dict[str, PluginConfig] = {KERNEL: config.kernel, **config.plugins}
    for name in (*document, *(name for name, *_ in given.values)):
        if name not in loaded and name in tables:
            loaded[name] = config.table(name, tables[name])
    origins = _Origins(config.path, document, given, lines)
    return {table: dict(_settings(table, model, origins)) for table, model in loaded.items()}


class _Origins:
    def __init__(self, path: Path, document: Mapping[str, Any], given: Given, lines: Mapping[Name, int]) -> None:
        self._path = path
        self._document = document
        self._given = given
        self._lines = lines

    def values(self, name: Name, value: object, *, chosen: bool = False) -> Iterator[tuple[str, Value]]:
        """The setting, or each of its entries. `chosen`: it is one of the values that the code itself lists."""
        source, place = self._of(name)
        key = ".".join(name[1:])
        if any(known in self._given.in_files for known in _above(name)):
            yield key, Value(source=source, place=place, hidden=True, value=None)
        elif isinstance(value, dict) and value:
            for entry, below in value.items():
                yield from self.values((*name, str(entry)), below)
        elif not chosen and any(not _is_place(*secret) for secret in env_settings.secrets(name, value)):
            yield key, Value(source=source, place=place, hidden=True, value=None)
        else:
            yield key, Value(source=source, place=place, value=_redacted(value))

    def _of(self, name: Name) -> tuple[Source, str | None]:
        for known in _above(name):
            if known in self._given.variables:
                return Source.ENVIRONMENT, self._given.variables[known]
        level: Any = self._document
        for part in name:
            if not isinstance(level, dict) or part not in level:
                return Source.DEFAULT, None
            level = level[part]
        line = next((self._lines[known] for known in _above(name) if known in self._lines), None)
        return Source.FILE, f"{self._path}:{line}" if line is not None else str(self._path)


def _above(name: Name) -> Iterator[Name]:
    """The name, and those of the tables that it is in, nearest first; not of its plugin's own."""
    return (name[:length] for length in range(len(name), 1, -1))


def _settings(table: str, config: PluginConfig, origins: _Origins) -> Iterator[tuple[str, Value]]:
    for field in msgspec.structs.fields(config):
        value = msgspec.to_builtins(getattr(config, field.name))
        yield from origins.values((table, field.encode_name), value, chosen=env_settings.is_chosen(field.type))


def _is_place(name: Name, value: object) -> bool:
    """A name of where a secret is; of a file that is there, if the setting names one."""
    if not isinstance(value, str):
        return False
    if value.startswith(PLACES):
        return True
    return _names_file(name) and os.path.isfile(value)  # noqa: PTH113 - Path's raises for a text too long for a name


def _names_file(name: Name) -> bool:
    """As `key_file`, `token_path` and `tls_key` do."""
    words = name[-1].lower().split("_")
    return words[-1] in FILE_WORDS or (words[0] in TLS and words[-1] == "key")


def _redacted(value: Any) -> Any:
    """Without the password of a URL, and whatever else no log may have."""
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(item) for item in value]
    if isinstance(value, dict):
        return {key: _redacted(below) for key, below in value.items()}
    return logs.redacted(value) if isinstance(value, str) else value


def _lines(text: str) -> dict[Name, int]:
    """The line on which each setting begins. What ends with a line that leaves a whole document began after the last
    such line; so no second reader of TOML is needed."""
    found: dict[Name, int] = {}
    lines = text.splitlines()
    begin = 1
    for number in range(1, len(lines) + 1 if len(lines) <= MOST_LINES else 0):
        try:
            document = tomllib.loads("\n".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue  # within a list or a text of several lines
        for name in _names(document):
            found.setdefault(name, begin)
        begin = number + 1
    return found


def _names(document: Mapping[str, Any], *above: str) -> Iterator[Name]:
    for key, value in document.items():
        if above:
            yield (*above, key)
        if isinstance(value, dict) and len(above) < 2:
            yield from _names(value, *above, key)


def as_json(values: Values) -> str:
    """One object a table, of one object a setting."""
    return json.dumps(msgspec.to_builtins(values), indent=2, ensure_ascii=False)


def as_toml(values: Values, listed: Sequence[str]) -> str:
    """Tables as a config file has them, and beside each setting where it comes from."""
    texts = [_assignment(key, value) for keys in values.values() for key, value in keys.items()]
    width = min(max(map(len, texts), default=0), WIDEST)
    blocks = []
    for table, keys in values.items():
        head = f"[{table}]" if table in (KERNEL, *listed) else f"[{table}]  # is not among the plugins that run"
        lines = [f"{_assignment(key, value):<{width}}  # {value.place or value.source}" for key, value in keys.items()]
        blocks.append("\n".join([head, *lines]))
    return "\n\n".join(blocks)


def _assignment(key: str, value: Value) -> str:
    if value.hidden:
        return f"# {key} is hidden"
    if value.value is None:
        return f"# {key} is left out"
    return f"{key} = {json.dumps(value.value, ensure_ascii=False)}"
