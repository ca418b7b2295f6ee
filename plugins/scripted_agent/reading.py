"""Reading script files: from bytes to a Script, with every mistake of form named."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from plugins.scripted_agent.check import problems_of
from plugins.scripted_agent.errors import ScriptsInvalid
from plugins.scripted_agent.script import Branches, Head, Script, Step, Words

SHIPPED: Final = Path(__file__).with_name("scripts")
T = TypeVar("T", bound=msgspec.Struct)


def load(places: tuple[Path, ...], default_language: str) -> dict[str, Script]:
    """The scripts in these files and folders, by language. Raises ScriptsInvalid with all that is wrong with them."""
    problems: list[str] = []
    scripts: dict[str, Script] = {}
    for path in _files(places, problems):
        script = read(path, problems)
        if script is None:
            continue
        problems += [f"{path.name}: {problem}" for problem in problems_of(script)]
        language = script.head.language
        if language in scripts:
            problems.append(f"{path.name}: there is a script in {language!r} already; give one a language")
        scripts[language] = script
    if default_language not in scripts and not problems:
        known = ", ".join(sorted(scripts)) or "none"
        problems.append(f"default_language: there is no script in {default_language!r}; there are: {known}")
    if problems:
        raise ScriptsInvalid(problems)
    return scripts


def read(path: Path, problems: list[str]) -> Script | None:
    """The script of one file, if it has the form of one; otherwise what is wrong is added to `problems`."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        problems.append(f"{path.name}: cannot be read: {error.strerror}")
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path.name}: is not TOML: {error}")
        return None
    before = len(problems)
    tables = {name: document.pop(name, {}) for name in ("words", "always", "steps")}
    head = _convert(document, Head, path.name, problems)
    words = _convert(tables["words"], Words, f"{path.name}: [words]", problems)
    always = _convert(tables["always"], Branches, f"{path.name}: [always]", problems)
    steps = tables["steps"] if isinstance(tables["steps"], dict) else {}
    read_steps = {name: _convert(step, Step, f"{path.name}: [steps.{name}]", problems) for name, step in steps.items()}
    if len(problems) > before or head is None or words is None or always is None:
        return None
    return Script(
        head=head,
        words=words,
        always=always,
        steps={name: step for name, step in read_steps.items() if step is not None},
    )


def _files(places: tuple[Path, ...], problems: list[str]) -> list[Path]:
    files: list[Path] = []
    for place in places:
        found = sorted(place.glob("*.toml")) if place.is_dir() else [place]
        if not found:
            problems.append(f"{place}: there is no script (*.toml) in this folder")
        files += found
    return files


def _convert(table: Any, model: type[T], where: str, problems: list[str]) -> T | None:
    """Key by key, because msgspec by itself stops at the first mistake."""
    if not isinstance(table, dict):
        problems.append(f"{where}: must be a table")
        return None
    fields = {field.encode_name: field for field in msgspec.structs.fields(model)}
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
