"""Every kind of hostile client at once: operators are answered, nobody is shut out, memory has a bound."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Final

import httpx
import pytest

from kernel.roles import Role
from plugins.api.auth import operators
from tests.hostile.attacks import Job, Mix
from tests.hostile.product import Measured, Product, fill, operate, product

SECONDS: Final = 1.5
MOST_MB: Final = 600
KINDS: Final = {
    *("slow_head", "snapshot_hung_up", "stream_not_read", "stream_of_a_stranger", "refused", "giant_path", "guess"),
    *("sent_ahead", "large_body"),
}
OURS: Final = {"Sec-Fetch-Site": "same-origin"}


async def sign_in(system: Product, name: str) -> None:
    """A person who has never been here comes in by their link, from an address that the guesses do not come from."""
    roster = system.data / "api" / "operators.json"
    operators.add(roster, name, Role.OPERATOR, 0)
    link = operators.invite(roster, name, Role.OPERATOR, int(time.time() * 1_000))
    async with httpx.AsyncClient(base_url=system.url, headers=OURS, timeout=60, trust_env=False) as http:
        answer = await http.post("/api/welcome", json={"link": link, "password": "seven blue herons at noon"})
        assert answer.status_code == 200, answer.text
        assert (await http.get("/api/session")).json()["actor"] == f"operator:{name}"


@pytest.mark.slow
async def test_operators_are_answered_beside_hostile_clients_of_every_kind(tmp_path: Path) -> None:
    with product(tmp_path) as system:
        await fill(system, 100)
        mix = Mix(Job(port=system.port, viewer=system.viewer, seconds=SECONDS, slow_heads=40))
        found = [Measured() for _ in system.operators]
        until = time.monotonic() + SECONDS
        working = [operate(system, token, until, one) for token, one in zip(system.operators, found, strict=True)]
        await asyncio.gather(mix.run(), sign_in(system, "olga"), *working)
        resident = system.resident_mb()
        async with httpx.AsyncClient(base_url=system.url, timeout=60, trust_env=False) as http:
            assert (await http.get("/readyz")).status_code == 200
        log = (tmp_path / "log").read_text()

    assert mix.done.keys() == KINDS
    assert [one.failed for one in found] == [[]] * len(found)
    assert all(one.seconds for one in found)
    assert resident < MOST_MB
    assert not [status for status in mix.answered if status.endswith(": 500")]
    assert "Traceback" not in log
