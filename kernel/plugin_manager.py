"""The plugin manager: which methods of the plugins implement which hook."""

from __future__ import annotations

from types import FunctionType, MemberDescriptorType, MethodType
from typing import Any, Final

import pluggy

from kernel import hookspecs

HOOKABLE: Final = (FunctionType, staticmethod, classmethod, MethodType)
"""What pluggy looks for a mark on; anything else in a class implements no hook."""


class PluginManager(pluggy.PluginManager):
    """Passes over the names that bear no mark without pluggy's careful look at each, which takes most of a start."""

    def parse_hookimpl_opts(self, plugin: Any, name: str) -> Any:
        """See pluggy. What stands on the instance itself, or in a slot of it, is left to pluggy as well."""
        if not isinstance(plugin, type) and name in getattr(plugin, "__dict__", ()):
            return super().parse_hookimpl_opts(plugin, name)
        for cls in (plugin if isinstance(plugin, type) else type(plugin)).__mro__:
            if name in cls.__dict__:
                found = cls.__dict__[name]
                if isinstance(found, MemberDescriptorType) or (isinstance(found, HOOKABLE) and self._is_marked(found)):
                    return super().parse_hookimpl_opts(plugin, name)
                return None
        return super().parse_hookimpl_opts(plugin, name)

    def _is_marked(self, found: Any) -> bool:
        mark = f"{self.project_name}_impl"
        return hasattr(found, mark) or hasattr(getattr(found, "__func__", None), mark)


def plugin_manager() -> PluginManager:
    """One that knows the hooks, and no plugin yet."""
    manager = PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs.Hooks)
    return manager
