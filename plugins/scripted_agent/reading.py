"""Reading script files: from bytes to a Script, with every mistake of form named."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from plugins.scripted_agent.check import problems_of
from plugins.scripted_agent.errors import ScriptsInvalid
from plugins.scripted_agent.files import Unreadable, files_of, text_of
from plugins.scripted_agent.script import Branches, Head, Script, ScriptStep, Words

SHIPPED: Final = Path(__file__).with_name("scripts")
T = TypeVar("T", bound=msgspec.Struct)


def load(places: tuple[Path, ...], default_language: str) -> dict[str, Script]:
    """The scripts in these files and folders, by language. Raises ScriptsInvalid with all that is wrong with them."""
    problems: list[str] = []
    scripts: dict[str, Script] = {}
    for path in files_of(places, problems):
        where = _named(path)
        script = read(path, problems)
        if script is None:
            continue
        problems += [f"{where}: {problem}" for problem in problems_of(script)]
        language = script.head.language
        if language in scripts:
            problems.append(f"{where}: there is a script in {language!r} already; give one a language")
        scripts[language] = script
    if default_language not in scripts and not problems:
        known = ", ".join(sorted(scripts)) or "none"
        problems.append(f"default_language: there is no script in {default_language!r}; there are: {known}")
    if problems:
        raise ScriptsInvalid(problems)
    return scripts


def read(path: Path, problems: list[str]) -> Script | None:
    """The script of one file, if it has the form of one; otherwise what is wrong is added to `problems`."""
    where = _named(path)
    document = _document(path, where, problems)
    if document is None:
        return None
    before = len(problems)
    tables = {name: document.pop(name, {}) for name in ("words", "always", "steps")}
    head = _convert(document, Head, where, problems)
    words = _convert(tables["words"], Words, f"{where}: [words]", problems)
    always = _convert(tables["always"], Branches, f"{where}: [always]", problems)
    steps = tables["steps"] if isinstance(tables["steps"], dict) else {}
    read_steps = {
        name: _convert(step, ScriptStep, f"{where}: [steps.{name}]", problems) for name, step in steps.items()
    }
    if len(problems) > before or head is None or words is None or always is None:
        return None
    return Script(
        head=head,
        words=words,
        always=always,
        steps={name: step for name, step in read_steps.items() if step is not None},
    )


def _document(path: Path, where: str, problems: list[str]) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text_of(path))
    except Unreadable as error:
        problems.append(f"{where}: {error}")
    except RecursionError:
        problems.append(f"{where}: has arrays or tables too deep within each other; a script needs two levels")
    except ValueError as error:  # TOMLDecodeError, or a number of too many digits for int
        problems.append(f"{where}: is not TOML: {error}")
    return None


def _named(path: Path) -> str:
    """The file's name as text that can be written anywhere, also where its bytes are no text."""
    return path.name.encode("utf-8", "backslashreplace").decode("utf-8")


def _convert(table: Any, model: type[T], where: str, problems: list[str]) -> T | None:
    """Key by key, because msgspec by itself stops at the first mistake."""
    if not isinstance(table, dict):
        problems.append(f"{where}: must be a table")
        return None
    fields = _fields(model)
    mistakes = [f"{where}: {key}: there is no such key" for key in table if key not in fields]
    mistakes += [f"{where}: {key}: is missing" for key, f in fields.items() if f.required and key not in table]
    for key, value in table.items():
        if key in fields:
            try:
                msgspec.convert(value, fields[key].type)
            except msgspec.ValidationError as error:
                mistakes.append(f"{where}: {key}: {error}")
    if mistakes:
        problems += mistakes
        return None
    return msgspec.convert(table, model)


@cache
def _fields(model: type[msgspec.Struct]) -> Mapping[str, msgspec.structs.FieldInfo]:
    """By the names that they bear in a script. msgspec works out their types anew whenever it is asked."""
    return {field.encode_name: field for field in msgspec.structs.fields(model)}
