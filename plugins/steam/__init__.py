"""The transport: one session a bot over Steam's CM WebSocket, through its own proxy."""

from plugins.steam.plugin import Steam as Steam
