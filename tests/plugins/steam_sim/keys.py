"""One key for the passwords of all simulated Steams of a process: to make or check one takes as long as ten tests."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from plugins.steam_sim.files import write_private
from plugins.steam_sim.simulation import Simulation


@cache
def password_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def with_key(simulation: Simulation) -> Simulation:
    """The simulation, as if it had made that key, or read it in its folder."""
    key = simulation._key
    key._file.parent.mkdir(parents=True, exist_ok=True)
    if not key._file.exists():
        form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        write_private(key._file, password_key().private_bytes(*form))
    vars(key)["_key"] = password_key()
    return simulation
