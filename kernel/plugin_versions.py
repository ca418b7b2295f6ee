"""The version of a plugin's code: its own or its distribution's, and what may stand in events and lines for it."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any, Final

from kernel.errors import PluginFailed
from kernel.plugin import Plugin

VERSION_MOST: Final = 64
"""Characters; each line that an agent says bears it."""


def declared_version(plugin: type[Plugin[Any]], entry: EntryPoint | None) -> str | None:
    """The plugin's own, as its class has it, or else that of the distribution that it is from."""
    return plugin.version or (entry.dist.version if entry is not None and entry.dist is not None else None)


def checked_version(version: object) -> str | None:
    """The version as it is. Raises PluginFailed for one that no event could be written with."""
    if version is None:
        return None
    if not isinstance(version, str):
        raise PluginFailed(f"its version must be a text such as '1.2', and is of type {type(version).__name__}")
    if len(version) > VERSION_MOST:
        raise PluginFailed(f"its version has {len(version)} characters; at most {VERSION_MOST}")
    try:
        version.encode()
    except UnicodeEncodeError as error:
        raise PluginFailed("its version has characters that cannot be encoded as UTF-8") from error
    return version
