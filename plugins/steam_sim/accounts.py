"""The accounts of the simulated Steam: bots that can sign in, and players that are played by the simulation.

Everything comes from the seed and the account's number alone, so a larger crowd of the same seed contains the
smaller one, and a restart makes the same accounts without having stored them.
"""

from __future__ import annotations

import base64
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random
from uuid import UUID

from plugins.steam_protocol import steam_id
from plugins.steam_sim.phrases import Language
from plugins.steam_sim.temperament import MIX, Temperament

_PASSWORD = string.ascii_letters + string.digits + "!#$%&*+-=?@^_"
_NAMES: dict[Language, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (
        ("Quiet", "Rusty", "Lucky", "Frozen", "Sleepy", "Golden", "Silent", "Brave", "Sneaky", "Lazy"),
        ("Fox", "Wolf", "Panda", "Raven", "Badger", "Falcon", "Otter", "Viper", "Moose", "Lynx"),
    ),
    "ru": (
        ("Тихий", "Ржавый", "Дикий", "Хитрый", "Сонный", "Злой", "Добрый", "Старый", "Белый", "Чёрный"),
        ("Лис", "Волк", "Медведь", "Ворон", "Барсук", "Сокол", "Кот", "Ёж", "Лось", "Бобёр"),
    ),
}


@dataclass(frozen=True, repr=False)
class BotAccount:
    """An account with a password and a mobile authenticator, as its owner would have it in a maFile."""

    number: int
    steam_id64: int
    login: str
    password: str
    shared_secret: bytes
    identity_secret: bytes
    secret_1: bytes
    device_id: str
    serial_number: int
    revocation_code: str
    token_gid: str
    proxy_password: str

    @property
    def name(self) -> str:
        """The persona name that friends see."""
        return self.login.replace("_", " ").title()

    def __repr__(self) -> str:
        return f"<BotAccount {self.login} {self.steam_id64}>"


@dataclass(frozen=True, slots=True)
class PlayerAccount:
    """A person on Steam, as the simulation plays them."""

    number: int
    steam_id64: int
    name: str
    temperament: Temperament
    language: Language


class Accounts:
    """All accounts of one seed, by SteamID64 and by login."""

    def __init__(
        self, seed: int, bots: int, players: int, mix: tuple[Temperament, ...] = MIX, names: tuple[str, ...] = ()
    ) -> None:
        """`mix`: the temperaments that players have in turn, in an order drawn by the seed; `names`: their names in
        turn, where they are not made up."""
        self.seed = seed
        first = Random(f"{seed}:ids").randrange(100_000_000, 900_000_000)
        self.bots = tuple(_bot(seed, number, first + number) for number in range(bots))
        self.players = tuple(
            _player(seed, number, first + 100_000_000 + number, mix, names) for number in range(players)
        )
        self._by_login = {bot.login: bot for bot in self.bots}

    @cached_property
    def _by_id(self) -> dict[int, BotAccount | PlayerAccount]:
        everybody: tuple[BotAccount | PlayerAccount, ...] = (*self.bots, *self.players)
        return {account.steam_id64: account for account in everybody}

    def __contains__(self, steam_id64: object) -> bool:
        return steam_id64 in self._by_id

    def __iter__(self) -> Iterator[BotAccount | PlayerAccount]:
        return iter(self._by_id.values())

    def get(self, steam_id64: int) -> BotAccount | PlayerAccount | None:
        return self._by_id.get(steam_id64)

    def bot(self, steam_id64: int) -> BotAccount | None:
        """The account, if it is one that can sign in."""
        account = self._by_id.get(steam_id64)
        return account if isinstance(account, BotAccount) else None

    def by_login(self, login: str) -> BotAccount | None:
        """Logins are told apart without regard to case, as on Steam."""
        return self._by_login.get(login.lower())


def _bot(seed: int, number: int, account_id: int) -> BotAccount:
    random = Random(f"{seed}:bot:{number}")
    return BotAccount(
        number=number,
        steam_id64=steam_id.to_steam_id64(account_id),
        login=f"sim_bot_{number + 1:04}",
        password="".join(random.choices(_PASSWORD, k=16)),
        shared_secret=random.randbytes(20),
        identity_secret=random.randbytes(20),
        secret_1=random.randbytes(20),
        device_id=f"android:{UUID(bytes=random.randbytes(16), version=4)}",
        serial_number=random.getrandbits(64),
        revocation_code=f"R{random.randrange(100_000):05}",
        token_gid=f"{random.getrandbits(60):x}",
        proxy_password=base64.urlsafe_b64encode(random.randbytes(12)).decode(),
    )


def _player(
    seed: int, number: int, account_id: int, crowd: tuple[Temperament, ...], names: tuple[str, ...]
) -> PlayerAccount:
    random = Random(f"{seed}:player:{number}")
    language: Language = "ru" if random.random() < 0.5 else "en"
    kinds, animals = _NAMES[language]
    cycle, place = divmod(number, len(crowd))
    mix = Random(f"{seed}:mix:{cycle}").sample(crowd, len(crowd))
    return PlayerAccount(
        number=number,
        steam_id64=steam_id.to_steam_id64(account_id),
        name=names[number % len(names)] if names else f"{random.choice(kinds)}{random.choice(animals)}{number + 1}",
        temperament=mix[place],
        language=language,
    )
