"""Strangers: whatever bytes they send is an answer and no failure of ours, and nobody takes all places or all logs."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections import Counter
from collections.abc import Callable
from typing import Final

import pytest

from kernel.log_rates import LINES, SPAN_S, TRACEBACKS, RepeatsFilter
from kernel.roles import Role
from kernel.spreadsheets import without_formula
from plugins.api import Api
from plugins.api.auth import lockouts, operators, tokens
from plugins.api.auth.tokens import Kind
from plugins.api.http.addresses import origin_of
from plugins.api.http.places import ConnectionPlaces
from plugins.contact_policy import ContactPolicy
from plugins.metrics import Metrics
from tests.plugins.api.auth.test_gate import Shop
from tests.plugins.api.client import Site, serving

HOSTS: Final = (
    *(
        b"[",
        b"]",
        b"[::1",
        b"x]",
        b"[::1]x",
        b"[v1.x]",
        b"[::1]:x",
        b"[::1]:99999999",
        b"a:b:c",
        b":",
        b"::",
        b"a/b",
        b"a@b",
    ),
    *(
        b"\xff\xfe",
        b"\xf0\x9f\x98\x80",
        b"a b",
        b"",
        b"%",
        b"%00",
        b"xn--",
        b"a" * 10_000,
        b"127.0.0.1:" + b"9" * 5_000,
        b"[fe80::1%25eth0]",
    ),
)
TARGETS: Final = (
    *(
        b"/" + b"://" * 8_000,
        b"/" + b":" * 20_000,
        b"//",
        b"//x",
        b"/%",
        b"/%zz",
        b"/%00",
        b"/%ff",
        b"/..;/",
        b"/\\",
        b"*",
    ),
    *(
        b"http://[",
        b"http://[::1/",
        b"http://x]/",
        b"http://a:b@[/",
        b"/api/session#x",
        b"/?" + b"&=" * 9_000,
        b"/sign-in?token=%ff%00",
    ),
    *(
        b"/api/audit?limit=1e999",
        b"/api/audit?limit=" + b"9" * 6_000,
        b"/api/audit?since=NaN",
        b"/api/audit?limit=%F0%9F%98%80",
    ),
    *(
        b"/api/event-stream?page=%ff",
        b"/api/event-stream?page=" + b"%25" * 4_000,
        b"/api/plugins/",
        b"/api/plugins/%2e%2e/x",
    ),
    *(
        b"/api/event-stream?" + b"&".join(b"a%d=1" % n for n in range(2_000)),
        b"/shop/%ff",
        b"/assets/%2e%2e/%2e%2e/etc/passwd",
    ),
)
HEADERS: Final = (
    *(
        b"cookie: " + value
        for value in (b"=", b";" * 9_000, b"switchboard", b"switchboard=\xff", b"switchboard=sws_" + b"a" * 9_000)
    ),
    *(
        b"authorization: " + value
        for value in (b"Bearer", b"Bearer \xff\xfe", b"Bearer " + b"a" * 9_000, b"\xff", b"Basic %%%")
    ),
    *(
        b"accept-encoding: " + value
        for value in (b"gzip;q=1e999", b"gzip;q=nan", b";;;", b"\xff", b"," * 9_000, b"zstd;q=-1")
    ),
    *(
        b"content-type: " + value
        for value in (b"", b";", b"application/json;" + b";" * 9_000, b"\xff/\xff", b"application/json; charset=utf-7")
    ),
    *(b"origin: " + value for value in (b"null", b"http://[", b"://", b"\xff")),
    *(
        b"sec-fetch-site: \xff",
        b"x-forwarded-for: [[[",
        b"x-forwarded-proto: \xff",
        b"expect: 200-maybe",
        b"range: bytes=9-1",
    ),
)
BODIES: Final = (
    *(
        b"",
        b"{",
        b"[]",
        b"null",
        b"1e999",
        b"NaN",
        b'"',
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"a":' * 40_000,
    ),
    *(
        b'{"kind":"\\ud800","payload":{}}',
        b'{"kind":"AddStopWord","payload":{"word":"\\ud800"}}',
        b'{"kind":"AddStopWord","payload":1e999}',
    ),
    *(
        b'{"kind":"AddStopWord","payload":{"word":1e999}}',
        b'{"kind":"x","payload":' + b"[" * 50_000,
        b'{"kind":"x","kind":"y","payload":{}}',
    ),
    *(
        b'{"kind":"AddStopWord","payload":{"word":"a"},"id":"\\u0000"}',
        b'{"kind":"AddStopWord","payload":{"word":"\\u0000"}}',
    ),
    *(
        b'{"kind":"' + b"a" * 200_000 + b'","payload":{}}',
        b'{"kind":"AddStopWord","payload":{"' + b"w" * 200_000 + b'":1}}',
    ),
    *(
        b'{"name":"\\ud800","password":"x"}',
        b'{"name":1e999,"password":"x"}',
        b'{"name":"' + b"[" * 3_000 + b'","password":""}',
    ),
    b'{"name":"a","password":"\\udfff"}',
)


class Fair(Shop):
    """Its pages, and no command."""

    async def start(self) -> None:
        pass


async def answered(site: Site, request: bytes) -> int:
    """The status of the only answer; 0 where the connection was closed without one."""
    reader, writer = await site.connect()
    writer.write(request)
    async with asyncio.timeout(20):
        head = await reader.readline()
    writer.close()
    return int(head.split(b" ")[1]) if head.startswith(b"HTTP/1.1 ") else 0


def failures(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage()[:200] for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("what", ["hosts", "targets", "headers", "bodies"])
async def test_whatever_a_stranger_sends_is_no_failure_of_ours(what: str, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(ContactPolicy, Fair, Metrics, strangers_per_minute=100_000) as site:
        own = b"authorization: Bearer " + site.token.encode()
        close = b"\r\nconnection: close\r\n\r\n"
        requests = {
            "hosts": [b"GET /api/session HTTP/1.1\r\nhost: " + host + close for host in HOSTS],
            "targets": [
                b"GET " + target + b" HTTP/1.1\r\nhost: localhost" + header + close
                for target in TARGETS
                for header in (b"", b"\r\n" + own)
            ],
            "headers": [
                method + b" HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n" + header + close + b"{}"
                for method in (b"POST /api/command", b"POST /api/sign-in", b"GET /shop")
                for header in HEADERS
            ],
            "bodies": [
                b"POST " + path + b" HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                b"content-length: %d\r\n" % len(body) + own + close + body
                for path in (b"/api/command", b"/api/sign-in", b"/api/presence", b"/api/welcome", b"/api/operators")
                for body in BODIES
            ],
        }[what]
        for request in requests:
            status = await answered(site, request)
            assert status < 500, request[:200]
            if what == "hosts":
                assert status in (0, 400, 421, 431), request[:200]
        assert (await site.anna.get("/api/session")).status_code == 200
    assert not failures(caplog)


async def test_what_fails_before_anybody_is_known_is_counted_too() -> None:
    async with serving(Shop, strangers_per_minute=5) as site, site.client() as stranger:
        found = [
            (await stranger.get("/healthz", headers={"host": host})).status_code for host in ["[", "evil.example"] * 4
        ]
        assert found == [400, 421, 400, 421, 400, 429, 429, 429]
        assert (await site.anna.get("/api/session")).status_code == 200


def test_a_kind_of_line_is_written_so_often_a_minute_and_the_rest_is_counted() -> None:
    limit = RepeatsFilter()

    def told(at: float, error: Exception | None, text: str = "%s failed") -> logging.LogRecord | None:
        info = (type(error), error, None) if error is not None else None
        record = logging.LogRecord("a", logging.ERROR, "", 0, text, ("x",), info)
        record.created = at
        return record if limit.filter(record) else None

    assert sum(told(100.0 + number / 1_000, ValueError("x")) is not None for number in range(2_000)) == TRACEBACKS
    assert sum(told(100.0, None) is not None for _ in range(2_000)) == LINES
    assert told(100.0, None, "another %s") is not None, "another kind has a budget of its own"
    later = told(100.0 + SPAN_S + 1, ValueError("x"))
    assert later is not None and later.getMessage() == f"x failed ({2_000 - TRACEBACKS} more like this were left out)"


class Connection:
    def __init__(self, came: int, address: str, *, known: bool = False) -> None:
        self.came, self.address, self.known = came, address, known
        self.ended = False

    def give_up(self) -> None:
        self.ended = True


def ended_of(places: ConnectionPlaces, connections: list[Connection]) -> list[int]:
    for connection in connections:
        places.enter(connection, connection.address)
        if connection.known:
            places.recognize(connection)
    return [one.came for one in connections if one.ended]


def test_one_address_cannot_hold_the_places_of_others_nor_of_who_has_signed_in() -> None:
    anna = Connection(0, "10.0.0.1", known=True)
    flood = [Connection(number, "10.0.0.1") for number in range(1, 20)]
    assert ended_of(ConnectionPlaces(100, 5), [anna, *flood]) == list(range(1, 16))
    network = [Connection(number, f"2001:db8::{number:x}") for number in range(20)]
    assert len(ended_of(ConnectionPlaces(100, 5), network)) == 15, "an IPv6 network counts as one"
    many = [Connection(number, f"10.0.{number}.1") for number in range(20)]
    assert ended_of(ConnectionPlaces(10, 5), [anna, *many]) == list(range(12)), "strangers make room for strangers"
    for proxies in ("127.0.0.0/8", "*"):
        proxied = [Connection(number, "127.0.0.1") for number in range(20)]
        assert ended_of(ConnectionPlaces(100, 5, (proxies,)), proxied) == []
    alike = [Connection(number, "10.0.0.1", known=True) for number in range(20)]
    assert ended_of(ConnectionPlaces(100, 5), alike) == [], "nobody who has signed in makes room"


def test_who_has_gone_takes_no_place() -> None:
    places = ConnectionPlaces(10, 5)
    for number in range(50):
        connection = Connection(number, "10.0.0.1")
        places.enter(connection, connection.address)
        places.leave(connection)
        places.leave(connection)
        assert not connection.ended


def calls_of(work: Callable[[], None]) -> int:
    """How many functions are called, those of C among them: the same on every machine."""
    called = Counter[str]()
    sys.setprofile(lambda frame, event, argument: called.update([event]))
    try:
        work()
    finally:
        sys.setprofile(None)
    return called["call"] + called["c_call"]


def test_what_one_more_connection_costs_does_not_grow_with_those_that_are_here() -> None:
    costs = []
    for here in (10, 2_000):
        places = ConnectionPlaces(2_000, 1_000)
        for number in range(here):
            address = f"10.0.{number // 250}.{number % 250}"
            places.enter(Connection(number, address), address)
        one_more = Connection(here, "10.9.9.9")
        costs.append(calls_of(lambda places=places, one_more=one_more: places.enter(one_more, "10.9.9.9")))  # type: ignore[misc]
    assert costs[1] < costs[0] + 20, "2,000 that are here, and one that makes room"


async def test_whoever_has_signed_in_keeps_the_connection_while_strangers_take_all_they_can() -> None:
    async with serving(Shop, max_connections_each=8) as site:
        assert (await site.anna.get("/api/session")).status_code == 200
        strangers = [await site.connect() for _ in range(30)]
        assert (await site.anna.get("/api/session")).status_code == 200
        async with site.client({"authorization": f"Bearer {site.token}"}) as another:
            assert (await another.get("/api/session")).status_code == 200, "a new one finds a place"
        for _, writer in strangers:
            writer.close()


def test_one_notion_of_where_from() -> None:
    assert origin_of("::ffff:10.0.0.7") == origin_of("10.0.0.7") == "10.0.0.7"
    assert origin_of("::ffff:10.0.0.7") != origin_of("::ffff:10.0.0.8")
    assert origin_of("2001:db8::1") == origin_of("2001:db8::ffff:1") != origin_of("2001:db8:0:1::1")
    assert origin_of("fe80::1%eth0") == origin_of("fe80::2")
    assert origin_of("") == origin_of("nonsense") == "unknown"
    assert lockouts.address("::ffff:10.0.0.7") == "address 10.0.0.7"


async def test_metrics_and_documents_take_a_token_where_others_can_ask_and_one_that_scrapes_may_nothing_else() -> None:
    paths = ("/metrics", "/api/openapi.json", "/api/schema.json")
    for behind in ({"public_url": "https://switchboard.example"}, {"trusted_proxies": ("127.0.0.1",)}):
        async with serving(Fair, Metrics, ContactPolicy, **behind) as site, site.client() as stranger:
            assert [(await stranger.get(path)).status_code for path in paths] == [401] * 3
            assert (await stranger.get("/healthz")).status_code == 200
            async with site.member(Role.METRICS) as prometheus:
                assert (await prometheus.get("/metrics")).status_code == 200
                for path in ("/api/session", "/api/event-stream", "/shop", "/api/audit", "/api/operators", *paths[1:]):
                    assert (await prometheus.get(path)).status_code == 403, path
                command = {"kind": "AddStopWord", "payload": {"word": "x"}}
                assert (await prometheus.post("/api/command", json=command)).status_code == 403
            assert not site.world.state.contact.stop_words
    async with serving(Shop, Metrics) as site, site.client() as here:
        assert [(await here.get(path)).status_code for path in paths] == [200] * 3


async def test_a_credential_that_is_made_anew_under_its_name_is_another() -> None:
    async with serving(Shop) as site:
        access = site.world.plugin(Api)._access
        old = access.by_token(site.token)
        tokens.revoke(site.tokens, "anna")
        fresh = tokens.create(site.tokens, "anna", Kind.OPERATOR, 0)
        assert old is not None and not access.holds(old), "its stream ends"
        new = access.by_token(fresh)
        assert new is not None and access.holds(new) and new != old
        room = site.world.plugin(Api)._streams.room
        room.join(old, "page", "of the old one")
        room.join(new, "page", "of the new one")
        assert len(room._pages) == 2

        first = operators.new("olga", Role.OPERATOR, 5, "hash")
        assert (
            len({operators.new("olga", Role.OPERATOR, 5, "hash").generation for _ in range(20)} - {first.generation})
            > 10
        )


@pytest.mark.parametrize(
    "cell", ["=1+1", " =1+1", "\uff1d1+1", "\t=x", "\u00a0=x", "\u200b=x", "\uff0bx", "@x", "\uff20x", " -x"]
)
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(cell: str) -> None:
    assert str(without_formula(cell)).startswith("'")
    assert without_formula("anna=1") == "anna=1"


async def test_a_link_is_not_followed_from_another_port_of_the_same_host() -> None:
    async with serving(Shop) as site, site.client() as browser:
        answer = await browser.get("/sign-in", params={"token": site.token}, headers={"sec-fetch-site": "same-site"})
        assert answer.status_code == 403 and "set-cookie" not in answer.headers
        assert json.loads(answer.text)["error"]["code"] == "crossSite"
