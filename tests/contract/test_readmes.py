"""The maps are true: what a README names is there, and what is there is named by the README of its folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
CODE: Final = (".py", ".ts", ".tsx", ".css", ".toml", ".md", ".sh", ".mjs", ".ipynb")
MADE: Final = frozenset({"NAME.py", ".py", "envelope.ts"})
"""What looks like a path and is none."""
BUILT: Final = frozenset({"node_modules", "__pycache__", "build", "dist", "static", "var", "data"})
EVERYWHERE: Final = frozenset({"__init__.py", "__main__.py", "plugin.py", "config.py", "codes.py"})
"""What most packages have, the same in each: the class of the plugin, its settings, and the codes that it gives."""


def _files() -> tuple[str, ...]:
    """What belongs to the project: not what was built or installed into its folder."""
    found: list[str] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in BUILT]
        found += [str((Path(folder) / name).relative_to(ROOT)) for name in names]
    return tuple(sorted(found))


FILES: Final = _files()
FOLDERS: Final = frozenset(str(parent) for path in FILES for parent in Path(path).parents)
READMES: Final = tuple(path for path in FILES if path.endswith(".md") and path != "CHANGELOG.md")
PACKAGES: Final = tuple(
    folder
    for folder in sorted(FOLDERS)
    if folder.startswith(("kernel", "plugins", "notebooks", "ops")) and f"{folder}/__init__.py" in FILES
)


@pytest.mark.parametrize("readme", READMES)
def test_every_path_that_a_readme_names_is_there(readme: str) -> None:
    text, folder = (ROOT / readme).read_text("utf-8"), Path(readme).parent
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    paths = [path for path in re.findall(r"`([\w.\-/]+)`", text) if path.endswith(CODE) and path not in MADE]
    there = {*FILES, *FOLDERS}

    gone = [link for link in links if os.path.normpath(folder / link) not in there]
    gone += [path for path in paths if not any(f"/{known}".endswith(f"/{path.lstrip('/')}") for known in FILES)]

    assert gone == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_is_named_by_the_readme_of_its_folder(package: str) -> None:
    """Or by the one above it, where the folder has none of its own."""
    folder = Path(package)
    above = next(parent for parent in (folder, *folder.parents) if (ROOT / parent / "README.md").exists())
    text = (ROOT / above / "README.md").read_text("utf-8")
    modules = {Path(path).name for path in FILES if Path(path).parent == folder and path.endswith(".py")}

    forms = {name: (f"`{name}`", f"`{folder.name}/{name}`", f"`{Path(name).stem}`") for name in modules}
    unnamed = {name for name in modules if not any(form in text for form in forms[name])}

    assert unnamed - EVERYWHERE == set()


def test_every_folder_of_the_page_is_named_by_its_readme() -> None:
    text = (ROOT / "webui/README.md").read_text("utf-8")
    folders = {folder.removeprefix("webui/src/") for folder in FOLDERS if folder.startswith("webui/src/")}
    features = {folder.removeprefix("features/") for folder in folders if folder.startswith("features/")}
    others = folders - {f"features/{feature}" for feature in features}

    forms = {folder: (f"`src/{folder}/`", f"`{folder.rpartition('/')[2]}/`") for folder in others}
    assert {folder for folder in others if not any(form in text for form in forms[folder])} == set()
    assert {feature for feature in features if not re.search(rf"\b{feature}\b", text)} == set()
