"""The list of CMs: what is taken from an answer, which CM is picked, and what serves while nobody answers."""

from __future__ import annotations

import random
import ssl
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.steam import directory
from plugins.steam.directory import ASIDE_FOR, DEFAULT_URL, FRESH_FOR, PATIENCE, Directory, directory_url, parse
from plugins.steam.errors import DirectoryUnreachable, ProxyRefusedCredentials, ProxyUnreachable, TransportError
from plugins.steam.proxy import Proxy
from plugins.steam.proxy import parse as parse_proxy
from plugins.steam_sim.directory import ODD

ALICES = parse_proxy("http://alice@proxy.example:1")
BOBS = parse_proxy("http://bob@proxy.example:1")


def listing(*servers: dict[str, object]) -> bytes:
    return msgspec.json.encode({"response": {"serverlist": servers, "success": True, "message": ""}})


def cm(endpoint: str, load: float = 1.0, **changes: object) -> dict[str, object]:
    return {
        "endpoint": endpoint,
        "legacy_endpoint": endpoint,
        "type": "websockets",
        "dc": "ams1",
        "realm": "steamglobal",
        "load": 20,
        "wtd_load": load,
    } | changes


class Steam:
    """Answers fetches with what a test put there, and remembers whose proxy was used."""

    def __init__(self) -> None:
        self.answer: bytes | TransportError = listing(cm("a.example:443"))
        self.asked: list[Proxy] = []
        self.now = 0

    async def fetch(self, url: str, proxy: Proxy, tls: ssl.SSLContext) -> bytes:
        self.asked.append(proxy)
        if isinstance(self.answer, TransportError):
            raise self.answer
        return self.answer

    def directory(self, keep: Path | None = None) -> Directory:
        return Directory(
            ssl.create_default_context(),
            lambda: self.now,
            keep=keep,
            chance=random.Random(1),
            fetch=self.fetch,
        )


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def picks(directory: Directory, times: int = 200) -> set[str]:
    return {await directory.pick(ALICES) for _ in range(times)}


def test_only_websocket_cms_of_the_global_realm_are_taken_the_least_loaded_first() -> None:
    answer = listing(
        cm("busy.example:27018", 9),
        cm("tcp.example:27017", 0, type="netfilter"),
        cm("china.example:443", 0, realm="steamchina"),
        cm("idle.example:443", 0.5),
        cm("text.example:443", wtd_load="1.5"),
        cm("evil.example:443/../x", 0),
        cm("evil.example:99999", 0),
        cm("evil.example", 0),
    )

    assert [found.endpoint for found in parse(answer)] == ["idle.example:443", "text.example:443", "busy.example:27018"]


GOOD = cm("good.example:443", 2)
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.dictionaries(st.sampled_from(["endpoint", "type", "realm", "load", "wtd_load"]), JSON_VALUES)


@given(before=st.lists(JSON_VALUES | FIELDS, max_size=6), after=st.lists(JSON_VALUES | FIELDS, max_size=6))
def test_no_entry_of_any_kind_costs_the_good_one(before: list[object], after: list[object]) -> None:
    answer = msgspec.json.encode({"response": {"serverlist": [*before, GOOD, *after]}})

    assert "good.example:443" in [found.endpoint for found in parse(answer)]


def test_each_odd_entry_is_passed_over_and_counted() -> None:
    read = directory.read(msgspec.json.encode({"response": {"serverlist": [*ODD, GOOD, *ODD, GOOD]}}))

    assert [found.endpoint for found in read.cms] == ["good.example:443"]
    assert read.odd == 2 * (len(ODD) - 2)


@pytest.mark.parametrize("load", [None, "many", "1e999", [], {}, True, "7", -1])
def test_an_odd_load_leaves_its_cm_in_the_list(load: object) -> None:
    listed = parse(listing(cm("a.example:443", wtd_load=load, load=load), cm("b.example:443", 1.0)))  # type: ignore[arg-type]

    assert {found.endpoint for found in listed} == {"a.example:443", "b.example:443"}


@pytest.mark.parametrize(
    "answer",
    [
        b'{"serverlist": null}',
        b'{"response": null}',
        b'{"response": {}}',
        b'{"response": {"serverlist": null}}',
        b'{"response": {"serverlist": []}}',
        b'{"response": {"serverlist": {}}}',
        b'{"response": {"serverlist": [null]}}',
        b"{}",
    ],
)
def test_an_answer_without_a_list_lists_no_cm(answer: bytes) -> None:
    with pytest.raises(DirectoryUnreachable, match="lists no CM"):
        parse(answer)


@pytest.mark.parametrize("kind", ["bare", "by number", "mark", "bad bytes beside it", "ten thousand", "one is huge"])
def test_a_list_is_found_however_it_is_wrapped(kind: str) -> None:
    good = msgspec.json.encode(GOOD)
    answer = {
        "bare": b'{"serverlist": [' + good + b"]}",
        "by number": b'{"response": {"serverlist": {"0": null, "1": ' + good + b"}}}",
        "mark": b"\xef\xbb\xbf" + listing(GOOD),
        "bad bytes beside it": b'{"response": {"serverlist": [{"endpoint": "\xff\xfe:443"}, ' + good + b"]}}",
        "ten thousand": listing(*[dict[str, object](endpoint=None)] * 10_000, GOOD),
        "one is huge": listing({"endpoint": "x" * 2_000_000}, GOOD),
    }[kind]

    assert [found.endpoint for found in parse(answer)] == ["good.example:443"]


@given(st.binary() | st.binary().map(lambda data: listing() + data))
def test_an_answer_of_any_bytes_is_a_list_or_a_refusal(answer: bytes) -> None:
    with pytest.raises(DirectoryUnreachable):
        parse(answer)


async def test_one_fetch_through_the_first_bots_own_proxy_serves_all_for_five_minutes() -> None:
    steam = Steam()
    directory = steam.directory()

    await directory.pick(ALICES)
    await directory.pick(BOBS)
    steam.now = FRESH_FOR
    await directory.pick(BOBS)

    assert steam.asked == [ALICES, BOBS]


async def test_the_five_least_loaded_share_the_bots() -> None:
    steam = Steam()
    steam.answer = listing(*(cm(f"cm{load}.example:443", load) for load in range(8)))

    assert await picks(steam.directory()) == {f"cm{load}.example:443" for load in range(5)}


async def test_port_443_goes_first_because_many_proxies_open_no_other() -> None:
    steam = Steam()
    steam.answer = listing(cm("a.example:27018", 0), cm("b.example:443", 5))
    mixed = await picks(steam.directory())
    steam.answer = listing(cm("a.example:27018", 0), cm("b.example:27019", 5))
    others = await picks(steam.directory())

    assert mixed == {"b.example:443"}
    assert others == {"a.example:27018", "b.example:27019"}


async def test_a_cm_that_failed_is_passed_over_for_two_minutes_unless_all_have() -> None:
    steam = Steam()
    steam.answer = listing(cm("a.example:443"), cm("b.example:443"))
    directory = steam.directory()
    await directory.pick(ALICES)

    directory.put_aside("a.example:443")
    without = await picks(directory)
    steam.now = ASIDE_FOR
    later = await picks(directory)
    for endpoint in later:
        directory.put_aside(endpoint)
    all_failed = await picks(directory)

    assert without == {"b.example:443"}
    assert later == all_failed == {"a.example:443", "b.example:443"}


async def test_an_old_list_serves_while_steam_gives_no_new_one(caplog: pytest.LogCaptureFixture) -> None:
    steam = Steam()
    directory = steam.directory()
    await directory.pick(ALICES)

    steam.answer, steam.now = DirectoryUnreachable("empty for hours"), FRESH_FOR
    endpoints = [await directory.pick(ALICES) for _ in range(3)]
    asked = len(steam.asked)
    steam.now += PATIENCE
    await directory.pick(ALICES)

    assert set(endpoints) == {"a.example:443"}
    assert (asked, len(steam.asked)) == (2, 3)
    assert "empty for hours" in caplog.text


async def test_the_last_good_list_outlives_the_process(tmp_path: Path) -> None:
    keep = tmp_path / "cms.json"
    steam = Steam()
    await steam.directory(keep).pick(ALICES)
    steam.answer = DirectoryUnreachable("down")

    assert await steam.directory(keep).pick(ALICES) == "a.example:443"
    assert names(tmp_path) == ["cms.json"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[[1]]", b'[["evil/x:443", 1]]'])
async def test_a_damaged_list_on_disk_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    keep = tmp_path / "cms.json"
    keep.write_bytes(content)
    steam = Steam()
    steam.answer = DirectoryUnreachable("down")

    with pytest.raises(DirectoryUnreachable, match="down"):
        await steam.directory(keep).pick(ALICES)


@pytest.mark.parametrize("failure", [ProxyUnreachable("down"), ProxyRefusedCredentials("407")])
async def test_a_bot_whose_proxy_fails_is_told_so_even_while_an_old_list_exists(failure: TransportError) -> None:
    steam = Steam()
    directory = steam.directory()
    await directory.pick(BOBS)
    steam.answer, steam.now = failure, FRESH_FOR

    with pytest.raises(type(failure)):
        await directory.pick(ALICES)
    steam.answer = listing(cm("new.example:443"))

    assert await directory.pick(BOBS) == "new.example:443"


def test_the_setting_is_a_whole_address_or_only_a_host() -> None:
    assert directory_url("https://127.0.0.1:8443") == (
        "https://127.0.0.1:8443/ISteamDirectory/GetCMListForConnect/v1/?cellid=0&cmtype=websockets&format=json"
    )
    assert directory_url(DEFAULT_URL).startswith(DEFAULT_URL + "?")
    assert directory_url("http://h/list?maxcount=20") == (
        "http://h/list?cellid=0&cmtype=websockets&format=json&maxcount=20"
    )


async def test_bots_do_not_ask_twice_at_once_while_an_old_list_serves() -> None:
    steam = Steam()
    directory = steam.directory()
    await directory.pick(ALICES)
    steam.now = FRESH_FOR
    counted: Counter[str] = Counter()
    plain_fetch = steam.fetch

    async def fetch_while_another_bot_asks(url: str, proxy: Proxy, tls: ssl.SSLContext) -> bytes:
        counted[await directory.pick(BOBS)] += 1
        return await plain_fetch(url, proxy, tls)

    directory._fetch = fetch_while_another_bot_asks
    await directory.pick(ALICES)

    assert counted == {"a.example:443": 1}
    assert steam.asked == [ALICES, ALICES]
