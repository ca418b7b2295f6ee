"""1,000 maFiles of mixed spellings in one import over HTTP: the plan, the summary, and the time that each takes."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import random
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from plugins.journal import Journal
from plugins.steam import Steam
from tests.bench.figures import Target, held
from tests.plugins.api.client import Site, serving

ACCOUNTS: Final = 1_000
FIRST: Final = 76561198000000001
PLAN_MOST_S: Final = 10.0
"""To send, read and plan them; to be raised where a machine of half the speed is the usual one."""
RUN_MOST_S: Final = 120.0
"""To add them, each with its secrets and its event on disk; the disk decides."""
URL: Final = "/api/plugins/steam/imports"

Spelling = Callable[[int, str], tuple[str, bytes]]


async def main() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Journal, Steam, data=Path(folder)) as site:
            begun = time.perf_counter()
            import_id = (await _posted(site, "files", files=[{"name": "mixed.zip", "content": _base64(_zipped())}]))[0]
            lists = {"passwords": _base64(_passwords()), "proxies": _base64(_proxies())}
            planned = await _ended(site, await _posted(site, "plan", importId=import_id, **lists))
            to_plan = time.perf_counter() - begun
            print(f"plan of {ACCOUNTS} accounts in {to_plan:.2f} s: {planned}")
            rows = (await site.anna.get(f"{URL}/rows", params={"importId": import_id})).json()["rows"]
            print(f"  why not: {dict(Counter(row['code'] for row in rows if 'code' in row))}")
            print(f"  remarks: {dict(Counter(note['code'] for row in rows for note in row.get('notes', ())))}")
            begun = time.perf_counter()
            added = await _ended(site, await _posted(site, "run", importId=import_id))
            to_run = time.perf_counter() - begun
            print(f"summary after {to_run:.2f} s: {added}; {len(site.world.state.bots)} bots")
    targets = [Target("s to plan 1,000 maFiles", to_plan, PLAN_MOST_S), Target("s to add them", to_run, RUN_MOST_S)]
    return held(targets)


async def _posted(site: Site, name: str, **form: object) -> tuple[str, str, object]:
    """The import's id, its stage, its counts."""
    answer = (await site.anna.post(f"{URL}/{name}", json=form)).raise_for_status().json()
    return answer["importId"], answer["stage"], answer["counts"]


async def _ended(site: Site, state: tuple[str, str, object]) -> object:
    import_id, stage, counts = state
    while stage in {"reading", "adding"}:
        await asyncio.sleep(0.1)
        answer = (await site.anna.get(f"{URL}/state", params={"importId": import_id})).raise_for_status().json()
        stage, counts = answer["stage"], answer["counts"]
    return counts


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _passwords() -> bytes:
    return "\n".join(f"login{number};pass:{number}" for number in range(ACCOUNTS - 20)).encode("utf-16")


def _proxies() -> bytes:
    return "\n".join(f"10.0.{at // 250}.{at % 250 + 1}:8080:user:pw{at}" for at in range(ACCOUNTS - 50)).encode()


def _zipped() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("maFiles/manifest.json", b"")
        for number in range(ACCOUNTS):
            name, content = SPELLINGS[number % len(SPELLINGS)](number, f"login{number}")
            archive.writestr(f"maFiles/{name}", content)
    return data.getvalue()


def _secret(number: int) -> bytes:
    return random.Random(number).randbytes(20)


def _account(number: int, login: str, **changes: object) -> dict[str, object]:
    secret = base64.b64encode(_secret(number)).decode()
    return {"shared_secret": secret, "account_name": login, "Session": {"SteamID": FIRST + number}} | changes


def _spelled(change: Callable[[int], dict[str, object]], encode: Callable[[str], bytes] = str.encode) -> Spelling:
    def written(number: int, login: str) -> tuple[str, bytes]:
        return f"{login}.maFile", encode(json.dumps(_account(number, login, **change(number))))

    return written


def _token(number: int) -> str:
    claims = {"iss": "steam", "sub": str(FIRST + number), "aud": ["web", "mobile"], "exp": 2_000_000_000}
    parts = (b"{}", json.dumps(claims).encode(), b"s")
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _wrapped(number: int, login: str) -> tuple[str, bytes]:
    return f"{login} (1).maFile", json.dumps([{"response": _account(number, login)}]).encode()


def _by_uri(number: int, login: str) -> tuple[str, bytes]:
    uri = f"otpauth://totp/Steam:{login}?secret={base64.b32encode(_secret(number)).decode()}&issuer=Steam"
    return f"{FIRST + number}.maFile", json.dumps({"uri": uri}).encode()


def _contradictory(number: int, login: str) -> tuple[str, bytes]:
    return f"{FIRST + number + 500_000}.maFile", json.dumps(_account(number, login)).encode()


def _broken(number: int, login: str) -> tuple[str, bytes]:
    return f"{login}.maFile", json.dumps(_account(number, login)).encode()[:-9]


SPELLINGS: Final[tuple[Spelling, ...]] = (
    _spelled(lambda _: {}),
    _spelled(lambda _: {}, lambda text: text.encode("utf-16-le")),
    _spelled(lambda _: {}, lambda text: b"\xef\xbb\xbf" + text.encode() + bytes(64)),
    _spelled(lambda number: {"shared_secret": _secret(number).hex()}),
    _spelled(lambda number: {"shared_secret": base64.urlsafe_b64encode(_secret(number)).decode().rstrip("=")}),
    _spelled(lambda number: {"Session": None, "steam_id": FIRST + number, "tokens": {"refresh_token": _token(number)}}),
    _spelled(lambda number: {"Session": {"RefreshToken": f"{FIRST + number}%7C%7C{_token(number)}"}}),
    _spelled(lambda number: {"Session": {"SteamID": int(float(FIRST + number)), "OAuthToken": _token(number)}}),
    _wrapped,
    _by_uri,
    _contradictory,
    _broken,
)
