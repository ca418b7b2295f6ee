"""The plugin `scripted_agent`: answers the hook `respond` from a script in the player's language."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kernel.context import Context
from kernel.findings import Deployment
from kernel.hookspecs import Reply, Turn, hookimpl
from kernel.plugin import Plugin, PluginConfig
from plugins.scripted_agent.errors import ScriptsInvalid
from plugins.scripted_agent.player import ScriptInterpreter
from plugins.scripted_agent.reading import SHIPPED, load
from plugins.scripted_agent.script import Script


class ScriptedAgentConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[scripted_agent]`."""

    scripts: str | tuple[str, ...] | None = None
    """A folder of scripts, or files, one for each language. Left out: those that are shipped, English and Russian."""
    default_language: str = "en"
    """Whose script is played for a task without a language, or with one that has no script."""

    def read(self) -> dict[str, Script]:
        """The scripts by language. Raises ScriptsInvalid."""
        return load(_places(self.scripts), self.default_language)

    def findings(self, _: Deployment) -> Sequence[str]:
        """See `kernel.findings.Examined`."""
        try:
            self.read()
        except ScriptsInvalid as invalid:
            return [p if p.startswith("default_language:") else f"scripts: {p}" for p in invalid.problems]
        return ()


class ScriptedAgent(Plugin[ScriptedAgentConfig]):
    """Leads a dialogue of 3 to 5 messages; see README.md."""

    Config = ScriptedAgentConfig

    def __init__(self, ctx: Context, config: ScriptedAgentConfig) -> None:
        super().__init__(ctx, config)
        self._players: dict[str, ScriptInterpreter] = {}

    async def start(self) -> None:
        """Raises ScriptsInvalid with all that is wrong with the scripts."""
        self._players = {language: ScriptInterpreter(script) for language, script in self.config.read().items()}

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        player = self._players.get(turn.task.language or "") or self._players.get(self.config.default_language)
        return player.play(turn) if player is not None else None


def _places(scripts: str | tuple[str, ...] | None) -> tuple[Path, ...]:
    if scripts is None:
        return (SHIPPED,)
    return (Path(scripts),) if isinstance(scripts, str) else tuple(map(Path, scripts))
