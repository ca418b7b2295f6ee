"""Sessions in this process, in its own event loop."""

from __future__ import annotations

from plugins.steam.client import SteamClient
from plugins.steam.network import Network
from plugins.steam.secrets import BotSecrets
from plugins.steam.sessions import OnEvent, Save


class LocalSessions:
    """The `Sessions` of one process."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def open(self, bot: str, secrets: BotSecrets, *, save: Save, on_event: OnEvent) -> SteamClient:
        return await SteamClient.connect(secrets, self._network, save=save, on_event=on_event, name=bot)

    async def introduce(self, secrets: BotSecrets) -> BotSecrets:
        return await SteamClient.introduce(secrets, self._network)

    def now_ms(self) -> int:
        return self._network.time.now_ms()

    def second(self) -> int | None:
        return self._network.second()
