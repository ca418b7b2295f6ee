"""Settings from the environment: `SWITCHBOARD_TABLE__KEY`, typed as the setting is; `…_FILE` names a file with it."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import inspect

from kernel.plugin import PluginConfig
from kernel.regular_files import read_regular

PREFIX: Final = "SWITCHBOARD_"
IN_FILE: Final = "_FILE"
MOST_BYTES: Final = 64 * 1024
"""Of a file that a variable names."""
ECHO: Final = 6
"""Characters of a secret in a row that no message repeats."""
Models = Mapping[str, type[PluginConfig]]
Name = tuple[str, ...]
"""Of a setting: its table and its key, and the entry where the setting is a table itself."""
TRUE: Final = ("true", "1", "yes", "on")
FALSE: Final = ("false", "0", "no", "off")
_KINDS: Final[tuple[tuple[type[inspect.Type], str], ...]] = (
    (inspect.BoolType, "true or false"),
    (inspect.IntType, "a whole number such as 60"),
    (inspect.FloatType, "a number such as 2.5"),
    (inspect.VarTupleType, 'a list such as a,b or ["a", "b"]'),
    (inspect.DictType, 'a table such as { key = "value" }'),
)


class Given(NamedTuple):
    """What the environment sets."""

    values: dict[Name, Any]
    variables: dict[Name, str]
    """The variable that each comes from."""
    texts: dict[Name, str]
    """As they were written: no message about a secret repeats its text."""
    in_files: set[Name]
    """Those of which a variable names the file, which are taken for secret."""
    problems: list[str]

    def over(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document with these in place of its own; a whole table first, then its entries."""
        merged = dict(document)
        for name in sorted(self.values, key=len):
            level = merged
            for part in name[:-1]:
                below = level.get(part, {})
                if not isinstance(below, dict):  # what stands there is a problem already
                    break
                level[part] = level = dict(below)
            else:
                level[name[-1]] = self.values[name]
        return merged

    def blamed(self, message: str, names: Iterable[Name]) -> str:
        """The message about these settings with the variables that they come from, and without what is secret."""
        theirs = [name for name in self.variables if any(name[: len(told)] == told for told in names)]
        for name in theirs:
            if any(repeats(message, secret) for secret in self._secrets(name)):
                message = f"[{name[0]}] {name[1]}: does not take the value that was given"
        told = ", ".join(sorted(self.variables[name] for name in theirs))
        return f"{message} (set by {told})" if told else message

    def _secrets(self, name: Name) -> Iterator[str]:
        """What no message repeats of that setting."""
        value = self.values.get(name, "")
        if name in self.in_files or is_secret(name, value):
            yield self.texts[name]
        yield from (str(leaf) for _, leaf in secrets(name, value))


NOTHING: Final = Given({}, {}, {}, set(), [])


def read(environment: Mapping[str, str], models: Models, others: Iterable[str] = ()) -> Given:
    """The settings among the variables: those that begin with SWITCHBOARD_ and have two underscores in a row.

    `others`: tables that are known to be there and whose settings are not. Every problem names its variable.
    """
    given = Given({}, {}, {}, set(), [])
    ignored = tuple(_prefix(table) for table in others)
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or "__" not in variable[len(PREFIX) :]:
            continue  # another kind of variable, such as SWITCHBOARD_TOKEN
        try:
            _take(given, variable, environment[variable], models)
        except ValueError as error:
            if not variable.upper().startswith(ignored):
                given.problems.append(f"{variable}: {error}")
    return given


def about(table: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of one table."""
    return {variable: text for variable, text in environment.items() if variable.upper().startswith(_prefix(table))}


def variable_of(name: Name) -> str:
    """The variable that sets it."""
    return PREFIX + "__".join(name).upper()


SECRET_WORDS: Final = frozenset(
    {"apikey", "authorization", "cookie", "credential", "key", "pass", "passkey"}
    | {"passphrase", "passwd", "password", "pin", "pwd", "secret", "token"}
)
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""Of a name such as `api_key`, `X-Api-Key` or `apiKey`."""


def is_secret(name: Name, value: object = "") -> bool:
    """Whether nobody should read what a setting of that name has: `password`, `smtp.api_key`, `tokens`.

    A number is no secret for the plural at the end of its name: `answer_tokens = 400` counts.
    """
    if value is None or isinstance(value, bool):
        return False
    counts = isinstance(value, int | float)
    return any(
        word in SECRET_WORDS or (word.removesuffix("s") in SECRET_WORDS and not (counts and at == len(name) - 1))
        for at, part in enumerate(name)
        if at > 0
        for word in map(str.lower, _WORD.findall(part))
    )


def secrets(name: Name, value: object) -> Iterator[tuple[Name, object]]:
    """Whatever nobody should read of a setting, in its tables and lists too: each with the name that it has there."""
    if isinstance(value, Mapping):
        below: Iterable[tuple[object, object]] = value.items()
    elif isinstance(value, list | tuple | set | frozenset):
        below = enumerate(value)
    else:
        if is_secret(name, value):
            yield name, value
        return
    for entry, item in below:
        yield from secrets((*name, str(entry)), item)


def repeats(message: str, secret: str) -> bool:
    """Whether the message has the secret in it, or a good part of it."""
    length = min(ECHO, len(secret))
    return bool(length) and any(secret[at : at + length] in message for at in range(len(secret) - length + 1))


def _take(given: Given, variable: str, text: str, models: Models) -> None:
    """Raises ValueError with what is wrong with it."""
    tables = [table for table in models if variable.upper().startswith(_prefix(table))]
    if not tables:
        wanted = variable[len(PREFIX) :].partition("__")[0].lower()
        close = get_close_matches(wanted, models, n=1)
        hint = f"did you mean {_prefix(close[0])}…?" if close else f"there are: {', '.join(sorted(models))}"
        raise ValueError(f"there is no table [{wanted}]; {hint}")
    table = max(tables, key=len)
    name, kind, in_file = _setting(table, models[table], variable[len(_prefix(table)) :])
    if name in given.variables:
        raise ValueError(f"{given.variables[name]} sets [{table}] {name[1]} too; keep one of the two")
    given.variables[name] = variable
    if in_file:
        given.in_files.add(name)
    given.texts[name] = text = _content(text) if in_file else text
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("is not UTF-8") from error
    given.values[name] = _value(text, kind)


def _prefix(table: str) -> str:
    return f"{PREFIX}{table}__".upper()


def _setting(table: str, model: type[PluginConfig], rest: str) -> tuple[Name, inspect.Type, bool]:
    """The setting, its type, and whether the variable names a file with it. `rest`: the variable without its table."""
    fields = {field.encode_name.upper(): field for field in msgspec.structs.fields(model)}
    wanted = rest.upper()
    if not wanted:
        raise ValueError("names no setting")
    for in_file, key in ((False, wanted), (True, wanted.removesuffix(IN_FILE))):
        if key in fields:
            return (table, fields[key].encode_name), inspect.type_info(fields[key].type), in_file
    key, _, entry = wanted.partition("__")
    if entry and key in fields:
        for kind in _members(inspect.type_info(fields[key].type)):
            if isinstance(kind, inspect.DictType):
                name = (table, fields[key].encode_name, entry.removesuffix(IN_FILE).lower())
                return name, kind.value_type, entry.endswith(IN_FILE)
        raise ValueError(f"[{table}] {fields[key].encode_name} has no entries; write {_prefix(table)}{key}")
    close = get_close_matches(wanted, fields, n=1)
    known = ", ".join(sorted(field.encode_name for field in fields.values())) or "none"
    hint = f"did you mean {_prefix(table)}{close[0]}?" if close else f"there are: {known}"
    raise ValueError(f"there is no setting {rest.lower()} in [{table}]; {hint}")


def _content(place: str) -> str:
    """What the file holds, without the newline at its end. Raises ValueError, which repeats the name of a file that is
    there alone: else the secret itself may stand where its file should be named."""
    if not place.strip():
        raise ValueError("names no file")
    try:
        content = read_regular(Path(place), MOST_BYTES)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{place} is not UTF-8") from error
    except OSError as error:
        there = os.path.exists(place)  # noqa: PTH110 - Path's raises for a text that is too long for a name
        named = place if there else "the file that it names"
        raise ValueError(f"{named} cannot be read: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise ValueError(f"{place} has more than {MOST_BYTES // 1024} KiB")
    return text.removesuffix("\n").removesuffix("\r")


def _members(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    """The types of a union, or the one that it is."""
    if isinstance(kind, inspect.Metadata):
        return _members(kind.type)
    return kind.types if isinstance(kind, inspect.UnionType) else (kind,)


def is_chosen(kind: object) -> bool:
    """Whether a setting of that type takes nothing but the values that its type lists."""
    listed = (inspect.LiteralType, inspect.EnumType, inspect.NoneType)
    return all(isinstance(member, listed) for member in _members(inspect.type_info(kind)))


def _value(text: str, kind: inspect.Type) -> Any:
    """The text as what the setting takes. Raises ValueError, which does not repeat it."""
    members = _members(kind)
    if not text and any(isinstance(member, inspect.NoneType) for member in members):
        return None
    lists = [member for member in members if isinstance(member, inspect.VarTupleType)]
    if lists and text.lstrip().startswith("["):
        return _toml(text, kind)
    if any(isinstance(member, inspect.StrType | inspect.LiteralType) for member in members):
        return text
    if lists:
        return [_value(part.strip(), lists[0].item_type) for part in text.split(",")] if text.strip() else []
    if any(isinstance(member, inspect.BoolType) for member in members) and text.strip().lower() in (*TRUE, *FALSE):
        return text.strip().lower() in TRUE
    return _toml(text, kind)


def _toml(text: str, kind: inspect.Type) -> Any:
    try:
        values = tomllib.loads(f"value = {text.strip()}")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(f"must be {_wanted(kind)}") from error
    if set(values) != {"value"}:
        raise ValueError(f"must be {_wanted(kind)}, and nothing after it")
    return values["value"]


def _wanted(kind: inspect.Type) -> str:
    for member in _members(kind):
        for known, words in _KINDS:
            if isinstance(member, known):
                return words
    return "a TOML value"
