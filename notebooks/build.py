"""Takes the kernel into the client's wheel; an editable install finds it where it stands."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TakeTheKernel(BuildHookInterface):  # type: ignore[type-arg]
    """Found by hatchling, which reads this file."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"]["../kernel"] = "kernel"
