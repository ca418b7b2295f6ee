"""Which plugin is meant by a name or a path, and where its sources, tests and README are; no code of its is run."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib.metadata import Distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from msgspec import Struct

from kernel.hosting.library import GROUP
from kernel.installed import entry_points


class NoSuchPlugin(Exception):
    """The name or the path leads to no plugin; the message says what is there."""


class Subject(Struct, frozen=True, kw_only=True):
    """A plugin that is to be measured, as a file of its own or as an entry point."""

    name: str
    value: str | None
    """Of the entry point, such as `my_agent:MyAgent`; None for a single file."""
    place: Path
    """Its file, or the folder of its package."""
    project: Path | None
    """Where its pyproject.toml is."""
    path: tuple[Path, ...] = ()
    """What has to be put on `sys.path`."""
    version: str | None = None
    readme: str | None = None
    """Where one was found."""

    def sources(self) -> list[Path]:
        return sorted(self.place.rglob("*.py")) if self.place.is_dir() else [self.place]

    def tests(self) -> Iterator[Path]:
        """Files that may test it: those of its own folder of tests first."""
        root = self.project or (self.place if self.place.is_dir() else self.place.parent)
        folders = (root / "tests" / "plugins" / self.name, root / "tests", *([] if self.project else [root]))
        seen = set()
        for folder in folders:
            files = folder.glob("test_*.py") if folder == root else folder.rglob("*.py")
            for file in sorted(files):
                if file not in seen:
                    seen.add(file)
                    yield file


def subject_of(text: str) -> Subject:
    """The plugin of an installed name, or that a path leads to. Raises NoSuchPlugin."""
    entries = {entry.name: entry for entry in entry_points(group=GROUP)}
    if text in entries:
        entry = entries[text]
        return _installed(entry.name, entry.value, entry.dist)
    path = Path(text)
    if path.is_file() and path.suffix == ".py" and path.stem.isidentifier():
        path = path.resolve()
        readme = _readme_in(path.parent)
        return Subject(name=path.stem, value=None, place=path, project=None, readme=readme)
    if path.is_dir():
        return _in_folder(path.resolve())
    if path.exists() or "/" in text:
        wrong = "is neither a folder nor a file *.py" if path.exists() else "there is no such file or folder"
        raise NoSuchPlugin(f"{text}: {wrong}")
    close = get_close_matches(text, entries, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(sorted(entries))}; or give a path"
    raise NoSuchPlugin(f"there is no plugin {text[:80]!r}; {hint}")


def _installed(name: str, value: str, dist: Distribution | None) -> Subject:
    module = value.partition(":")[0].strip()
    top, *below = module.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not (spec.origin or spec.submodule_search_locations):
        raise NoSuchPlugin(f"{name}: {value} is installed, and there is no package {top}")
    root = Path(next(iter(spec.submodule_search_locations or [str(spec.origin)])))
    project = next((p for p in (root.parent, root.parent.parent) if (p / "pyproject.toml").is_file()), None)
    place = _place(root, below)
    version = dist.version if dist is not None else None
    readme = _readme_in(place) or _readme_in(project) or _readme_of(dist)
    return Subject(name=name, value=value, place=place, project=project, version=version, readme=readme)


def _in_folder(folder: Path) -> Subject:
    """Of a distribution, or of one package within it."""
    for project in (folder, *folder.parents):
        if (project / "pyproject.toml").is_file():
            break
    else:
        raise NoSuchPlugin(f"{folder}: there is no pyproject.toml in it; give the file of the plugin, or its name")
    document = _toml(project / "pyproject.toml")
    facts = document.get("project", {})
    found = facts.get("entry-points", {}).get(GROUP, {})
    path = tuple(p for p in (project / "src", project) if p.is_dir())
    places = {name: _located(path, value) for name, value in found.items()}
    chosen = [name for name, place in places.items() if folder in (project, project / "src", place)]
    if len(chosen) != 1:
        there = f"has {', '.join(sorted(chosen))}: give one by its name" if chosen else f"names none in {GROUP!r}"
        raise NoSuchPlugin(f"{project / 'pyproject.toml'}: {there}")
    (name,) = chosen
    version = facts.get("version") or ("0" if "version" in facts.get("dynamic", ()) else None)
    readme = _readme_in(places[name]) or _readme_in(project) or ("pyproject.toml" if "readme" in facts else None)
    return Subject(
        name=name, value=found[name], place=places[name], project=project, path=path, version=version, readme=readme
    )


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise NoSuchPlugin(f"{path}: cannot be read: {error}") from error


def _located(path: tuple[Path, ...], value: str) -> Path:
    top, *below = value.partition(":")[0].strip().split(".")
    for folder in path:
        for root in (folder / top, folder / f"{top}.py"):
            if root.exists():
                return _place(root, below)
    return path[-1] / top


def _place(root: Path, below: list[str]) -> Path:
    """The package that is the plugin's own, or its module among others."""
    place = root.joinpath(*below)
    if place.is_dir() or not below:
        return place
    return place.parent if len(below) > 1 or (place.parent == root) else place.with_suffix(".py")


def _readme_in(folder: Path | None) -> str | None:
    if folder is None or not folder.is_dir():
        return None
    found = sorted(p for p in folder.iterdir() if p.is_file() and p.stem.lower() == "readme" and p.stat().st_size)
    return str(found[0]) if found else None


def _readme_of(dist: Distribution | None) -> str | None:
    if dist is None:
        return None
    text = dist.read_text("METADATA") or ""
    described = text.partition("\n\n")[2].strip() or "\nDescription:" in text
    return f"the metadata of {dist.name}" if described else None
