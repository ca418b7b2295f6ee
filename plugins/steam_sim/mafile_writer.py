"""The files that an owner of bots would have: a maFile for each in SDA's format, and a list of logins and passwords."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from plugins.steam_sim import tokens
from plugins.steam_sim.accounts import BotAccount
from plugins.steam_sim.files import write_private

EXPIRED_AGO = 30 * 86_400
"""Seconds since which the token in a maFile that has one is dead: nobody's SDA was run lately."""


def write_mafiles(folder: Path, bots: Iterable[BotAccount]) -> None:
    """Write `<steamid64>.maFile` for every bot that has none yet in the folder, or an empty one."""
    folder.mkdir(parents=True, exist_ok=True)
    there = {file.name for file in folder.iterdir() if file.stat().st_size}
    for bot in bots:
        if (name := f"{bot.steam_id64}.maFile") not in there:
            write_private(folder / name, json.dumps(mafile(bot), indent=2).encode())


def write_accounts(file: Path, bots: Iterable[BotAccount]) -> None:
    """Write a `login:password` a line."""
    write_private(file, "".join(f"{bot.login}:{bot.password}\n" for bot in bots).encode())


def mafile(bot: BotAccount) -> dict[str, Any]:
    """The bot's maFile as SDA has written it since 2023.

    Its session is of no use for a sign-in, as in real life: most have no tokens, every third an expired one that
    was made for the mobile app.
    """
    secret = base64.b32encode(bot.shared_secret).decode()
    return {
        "shared_secret": base64.b64encode(bot.shared_secret).decode(),
        "serial_number": str(bot.serial_number),
        "revocation_code": bot.revocation_code,
        "uri": f"otpauth://totp/Steam:{bot.login}?secret={secret}&issuer=Steam",
        "server_time": 1_700_000_000 + bot.number,
        "account_name": bot.login,
        "token_gid": bot.token_gid,
        "identity_secret": base64.b64encode(bot.identity_secret).decode(),
        "secret_1": base64.b64encode(bot.secret_1).decode(),
        "status": 1,
        "device_id": bot.device_id,
        "phone_number_hint": "00",
        "confirm_type": 3,
        "fully_enrolled": True,
        "Session": {"SteamID": bot.steam_id64, "SessionID": None, **_tokens(bot)},
    }


def _tokens(bot: BotAccount) -> dict[str, str | None]:
    if bot.number % 3:
        return {"AccessToken": None, "RefreshToken": None}
    issued = int(time.time()) - tokens.REFRESH_LIFETIME - EXPIRED_AGO
    audience = tokens.AUDIENCES[3]
    refresh = tokens.refresh_token(bot.steam_id64, audience, issued)
    access = tokens.refresh_token(bot.steam_id64, audience, issued, tokens.ACCESS_LIFETIME)
    return {"AccessToken": access.text, "RefreshToken": refresh.text}
