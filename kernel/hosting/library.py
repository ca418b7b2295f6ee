"""Where plugins' code comes from: entry points and a folder of single files; loaded once, and anew whenever asked."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import os
import sys
import typing
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.metadata import EntryPoint
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final, NamedTuple, Protocol

from kernel import env_settings
from kernel.config import KERNEL, KernelConfig, toml
from kernel.containment import CONTAINED, describe
from kernel.editable import read_new
from kernel.errors import PluginFailed
from kernel.installed import entry_points
from kernel.plugin import Plugin, PluginConfig
from kernel.plugin_versions import declared_version

GROUP: Final = "switchboard.plugins"
FILE_MODULES: Final = "switchboard_plugin_files."
"""What the modules of single files are called, so that none takes the name of a library."""
_NOTHING: Final[Mapping[str, ModuleType]] = {}


class PluginCode(NamedTuple):
    """A plugin's code as it was loaded at one time."""

    plugin: type[Plugin[Any]]
    version: str | None = None
    """Its own, or else that of its distribution."""
    digest: str | None = None
    """The first 16 hexadecimal digits of the SHA-256 of its modules' sources."""
    modules: Mapping[str, ModuleType] = _NOTHING


class Library(Protocol):
    """What the host takes plugins from."""

    def names(self) -> Sequence[str]:
        """Every plugin that can be had now."""
        ...

    def current(self, name: str) -> PluginCode:
        """The code that was loaded last. Raises PluginFailed when there is none."""
        ...

    def load(self, name: str) -> PluginCode:
        """What is on disk now, which is the current code from here on. Raises PluginFailed; then nothing changed."""
        ...

    def restore(self, name: str, code: PluginCode) -> None:
        """Make code that was loaded earlier the current one again."""
        ...


class StaticLibrary:
    """A library of classes that are there already; a test changes `classes` as an author changes files."""

    def __init__(self, classes: Mapping[str, type[Plugin[Any]]]) -> None:
        self.classes = dict(classes)

    def names(self) -> Sequence[str]:
        return list(self.classes)

    def current(self, name: str) -> PluginCode:
        return self.load(name)

    def load(self, name: str) -> PluginCode:
        if name not in self.classes:
            raise PluginFailed(f"{name}: is not installed")
        return PluginCode(self.classes[name], self.classes[name].version)

    def restore(self, name: str, code: PluginCode) -> None:
        self.classes[name] = code.plugin


class Installed(NamedTuple):
    """What was found: plugin classes by name, and why the others cannot be used."""

    plugins: dict[str, type[Plugin[Any]]]
    broken: dict[str, str]


def find(folder: Path | None = None) -> Installed:
    """Every installed plugin by its name, ours and other people's alike, and those that are files of `folder`."""
    installed = Installed({}, {})
    places: dict[str, str] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        if places.setdefault(entry.name, entry.value) != entry.value:
            installed.plugins.pop(entry.name, None)
            installed.broken[entry.name] = _name_taken(places[entry.name], entry.value)
            continue
        try:
            plugin = entry.load()
        except CONTAINED as error:  # it matters only if the config names it
            installed.broken[entry.name] = f"{entry.value} cannot be imported: {error!r}"
            continue
        why_not = _objection(plugin, entry.value)
        if why_not:
            installed.broken[entry.name] = why_not
        else:
            installed.plugins[entry.name] = plugin
    for path in _files(folder):
        if path.stem in places:
            installed.plugins.pop(path.stem, None)
            installed.broken[path.stem] = _name_taken(places[path.stem], path.name)
            continue
        try:
            installed.plugins[path.stem] = _import_file(path)
        except CONTAINED as error:  # as above
            installed.broken[path.stem] = f"{path.name} cannot be used: {describe(error)}"
    return installed


def folder_of(config: Path, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The folder of single files that the config or the environment names, beside the config unless the path is
    absolute. None for none.

    A file that cannot be read names none here: whoever reads it whole says what is wrong with it.
    """
    given = env_settings.read(env_settings.about(KERNEL, environment), {KERNEL: KernelConfig})
    try:
        named = given.over(toml(config)).get(KERNEL, {}).get("plugin_folder")
    except (OSError, ValueError, AttributeError):
        return None
    return config.parent / named if isinstance(named, str) and named else None


class Distributions:
    """The library of a running system: what is installed, at this moment, and the files of a folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._current: dict[str, PluginCode] = {}

    def names(self) -> Sequence[str]:
        entries = {entry.name for entry in entry_points(group=GROUP)}
        return sorted(entries | {path.stem for path in _files(self._folder)})

    def current(self, name: str) -> PluginCode:
        if name not in self._current:
            source = self._source(name)
            try:
                if not isinstance(source, Path):
                    self._current[name] = _code_of(_checked(source.load(), source.value), source)
                else:
                    loaded = sys.modules.get(FILE_MODULES + name)
                    plugin = _class_in(loaded, source) if loaded is not None else _import_file(source)
                    self._current[name] = _code_of(plugin, None)
            except CONTAINED as error:
                raise PluginFailed(f"{name}: {describe(error)}") from error
        return self._current[name]

    def load(self, name: str) -> PluginCode:
        source = self._source(name)
        read_new()
        importlib.invalidate_caches()
        root = FILE_MODULES + name if isinstance(source, Path) else _root(source.module)
        before = _unload(root)
        try:
            if not isinstance(source, Path):
                with _from_source(root):
                    code = _code_of(_checked(source.load(), source.value), source)
            else:
                code = _code_of(_import_file(source), None)
        except CONTAINED as error:
            _unload(root)
            _restore(before)
            raise PluginFailed(f"{name}: {describe(error)}") from error
        self._current[name] = code
        return code

    def restore(self, name: str, code: PluginCode) -> None:
        source = self._source(name)
        _unload(FILE_MODULES + name if isinstance(source, Path) else _root(source.module))
        _restore(code.modules)
        self._current[name] = code

    def _source(self, name: str) -> EntryPoint | Path:
        """An EntryPoint is not always the standard library's: once `importlib_metadata` is imported, it is of that."""
        entries = {entry.value: entry for entry in entry_points(group=GROUP, name=name)}
        files = [path for path in _files(self._folder) if path.stem == name]
        places = [*entries, *(path.name for path in files)]
        if len(places) > 1:
            raise PluginFailed(f"{name}: {_name_taken(*places[:2])}")
        if not places and self._folder is not None and not self._folder.is_dir():
            raise PluginFailed(f"{name}: is not installed, and [kernel] plugin_folder {self._folder} is no folder")
        if not places:
            raise PluginFailed(f"{name}: is not installed; there are: {', '.join(self.names())}")
        return files[0] if files else next(iter(entries.values()))


def _name_taken(first: str, second: str) -> str:
    return f"{first} and {second} both bear this name; uninstall one of their distributions"


def _files(folder: Path | None) -> list[Path]:
    if folder is None or not folder.is_dir():
        return []
    return sorted(path for path in folder.glob("*.py") if path.stem.isidentifier() and not path.stem.startswith("_"))


def _objection(plugin: object, place: str) -> str | None:
    if not (isinstance(plugin, type) and issubclass(plugin, Plugin)):
        return f"{place} is not a subclass of kernel.plugin.Plugin"
    config: object = plugin.Config
    if not (isinstance(config, type) and issubclass(config, PluginConfig)):
        return f"{place}.Config is not a subclass of kernel.plugin.PluginConfig"
    return None


def _checked(plugin: Any, place: str) -> type[Plugin[Any]]:
    why_not = _objection(plugin, place)
    if why_not:
        raise PluginFailed(why_not)
    checked: type[Plugin[Any]] = plugin
    return checked


def _code_of(plugin: type[Plugin[Any]], entry: EntryPoint | None) -> PluginCode:
    root = _root(entry.module) if entry is not None else plugin.__module__
    modules = {name: module for name, module in sys.modules.items() if _is_under(name, root)}
    digest = hashlib.sha256()
    for name in sorted(modules):
        digest.update(name.encode() + b"\0" + _source_of(modules[name]) + b"\0")
    return PluginCode(plugin, declared_version(plugin, entry), digest.hexdigest()[:16], modules)


def _import_file(path: Path) -> type[Plugin[Any]]:
    """The one plugin class that the file defines."""
    name = FILE_MODULES + path.stem
    loader = _SourceLoader(name, str(path))
    spec = spec_from_file_location(name, path, loader=loader)
    assert spec is not None  # a loader was given
    module = module_from_spec(spec)
    sys.modules[name] = module  # what a class of it is annotated with is looked up there
    try:
        loader.exec_module(module)
        return _class_in(module, path)
    except BaseException:  # raised again: half a module must not be found by that name
        del sys.modules[name]
        raise


def _class_in(module: ModuleType, path: Path) -> type[Plugin[Any]]:
    classes = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, Plugin)]
    own = [plugin for plugin in classes if plugin.__module__ == module.__name__]
    if len(own) != 1:
        raise PluginFailed(f"{path.name} must define one subclass of Plugin, and has {len(own)}")
    return _checked(own[0], path.name)


def _root(module: str) -> str:
    """The package that is a plugin's own: its entry point's, or the one around it, or a module that stands alone."""
    loaded = sys.modules.get(module)
    parent = module.rpartition(".")[0]
    if loaded is None or hasattr(loaded, "__path__") or not parent:
        return module
    others = {entry.module for entry in entry_points(group=GROUP)} - {module}
    return module if any(_is_under(other, parent) for other in others) else parent


def _is_under(name: str, root: str) -> bool:
    return name == root or name.startswith(f"{root}.")


def _unload(root: str) -> dict[str, ModuleType]:
    """Forget the modules of a package, so that the next import reads them. Returns them."""
    return {name: sys.modules.pop(name) for name in [name for name in sys.modules if _is_under(name, root)]}


def _restore(modules: Mapping[str, ModuleType]) -> None:
    for name, module in modules.items():
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent in sys.modules:
            setattr(sys.modules[parent], child, module)


def _source_of(module: ModuleType) -> bytes:
    spec = module.__spec__
    loader = spec.loader if spec is not None else None
    if isinstance(loader, _SourceLoader):
        return loader.source
    if not isinstance(loader, SourceFileLoader) or spec is None or spec.origin is None:
        return b""
    try:
        return loader.get_data(spec.origin)
    except OSError:  # the file is gone; what was imported runs on
        return b""


class _SourceLoader(SourceFileLoader):
    """Reads the source, never the compiled file beside it: to that, two edits within a second can look the same."""

    source = b""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        self.source = self.get_data(path)
        code: CodeType = self.source_to_code(self.source, path)
        return code


class _Finder(MetaPathFinder):
    """Finds the modules of one package as always, and has them read afresh."""

    def __init__(self, root: str) -> None:
        self._root = root

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if not _is_under(name, self._root):
            return None
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target) if finder is not self else None
            if spec is not None:
                if type(spec.loader) is SourceFileLoader:
                    spec.loader = _SourceLoader(spec.loader.name, spec.loader.path)
                return spec
        return None


@contextmanager
def _from_source(root: str) -> Iterator[None]:
    finder = _Finder(root)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def forget_types() -> None:
    """Let go of the types that code of before has written, such as `Plugin[Config]`; each holds all of its modules.

    `typing` keeps the last 128 of each kind and has no public way to drop them; CPython's own tests use this one.
    On Python 3.12.0 and 3.12.1 `inspect.getattr_static`, with which pluggy reads a plugin, keeps its class too.
    """
    for clear in getattr(typing, "_cleanups", ()):
        clear()
    shadowed = getattr(inspect, "_shadowed_dict_from_mro_tuple", None)  # from 3.12.2 on it holds them weakly
    if shadowed is not None and hasattr(shadowed, "cache_clear"):
        shadowed.cache_clear()
