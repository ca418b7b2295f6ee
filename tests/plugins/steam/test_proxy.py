"""Proxy URLs: read, shown, compared, refused."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.steam import proxy
from plugins.steam.errors import ProxyInvalid
from plugins.steam.proxy import HTTP, SOCKS5, Proxy


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("http://10.0.0.1:3128", Proxy(HTTP, "10.0.0.1", 3128)),
        ("http://bob:pw@Proxy.Example:80/", Proxy(HTTP, "proxy.example", 80, "bob", "pw")),
        ("socks5://bob:p%40%3A%2F%D0%B6@[2001:db8::1]:1080", Proxy(SOCKS5, "2001:db8::1", 1080, "bob", "p@:/ж")),
        (" SOCKS5H://bob@localhost:9 ", Proxy(SOCKS5, "localhost", 9, "bob", "")),
        ("http://bob:a@b:c@h:1", Proxy(HTTP, "h", 1, "bob", "a@b:c")),
    ],
)
def test_a_proxy_url_is_read(url: str, read: Proxy) -> None:
    assert proxy.parse(url) == read


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "proxy.malformed"),
        ("http://h:1\r\nHost: evil", "proxy.malformed"),
        ("http://" + "h" * 3000 + ":1", "proxy.malformed"),
        ("http://h:1/path", "proxy.malformed"),
        ("http://1.2.3.4:8080#hunter2@h.example:1", "proxy.doubtful"),
        ("1.2.3.4:80:10.0.0.1:8080", "proxy.doubtful"),
        ("gate.example:8080:1.2.3.4:1234", "proxy.doubtful"),
        ("gate:8080:hunter2:1234", "proxy.doubtful"),
        ("1.2.3.4", "proxy.port"),
        ("1.2.3.4:8080:hunter2", "proxy.malformed"),
        ("bob:hunter2", "proxy.malformed"),
        ("http://bob:hunter2", "proxy.malformed"),
        ("http://bob:hunter2@h:1/path", "proxy.malformed"),
        ("1.2.3.4:8080:bob:hun ter2", "proxy.malformed"),
        ("http://h:1 US", "proxy.malformed"),
        ("2001:db8::1:8080", "proxy.malformed"),
        ("http://[fe80::1%25eth0]:80", "proxy.host"),
        ("http://0.0.0.0:80", "proxy.host"),
        ("http://[::]:80", "proxy.host"),
        ("http://1.2.3.456:80", "proxy.host"),
        ("http://010.0.0.1:80", "proxy.host"),
        ("http://192.168.1.010:80", "proxy.host"),
        ("1.2.3.4.5:80", "proxy.host"),
        ("http://h:99999", "proxy.malformed"),
        ("http://[::1:80", "proxy.malformed"),
        ("https://h:1", "proxy.scheme"),
        ("socks4://h:1", "proxy.scheme"),
        ("ftp://h:1", "proxy.scheme"),
        ("http://:80", "proxy.host"),
        ("http://h$:80", "proxy.host"),
        ("http://a..b:80", "proxy.host"),
        ("http://" + "h" * 64 + ":80", "proxy.host"),
        ("http://h", "proxy.port"),
        ("http://h:0", "proxy.port"),
        ("http://:hunter2@h:1", "proxy.credentials"),
        ("http://a%3Ab:hunter2@h:1", "proxy.credentials"),
        ("http://bob:%ff@h:1", "proxy.credentials"),
        ("socks5://bob:" + "x" * 256 + "@h:1", "proxy.credentials"),
    ],
)
def test_a_proxy_url_that_will_not_do_is_refused_without_quoting_it(url: str, code: str) -> None:
    with pytest.raises(ProxyInvalid) as refused:
        proxy.parse(url)

    assert refused.value.code == code
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "1.2.3.4:8080:bob:hunter2",
        "bob:hunter2@1.2.3.4:8080",
        "bob:hunter2:1.2.3.4:8080",
        "1.2.3.4:8080@bob:hunter2",
        "http://1.2.3.4:8080:bob:hunter2",
        "HTTP://bob:hunter2@1.2.3.4:8080/",
        "http://bob:hunter2@1.2.3.4:8080 # US, bought on Monday by eve@shop.example:1",
        "bob:hunter2@1.2.3.4:8080#US",
        "1.2.3.4;8080;bob;hunter2",
        "1.2.3.4|8080|bob|hunter2",
        "1.2.3.4,8080,bob,hunter2",
        "1.2.3.4\t8080\tbob\thunter2",
        "1.2.3.4 8080 bob hunter2",
        "1.2.3.4:8080 bob hunter2",
        "1.2.3.4:8080;bob;hunter2",
        "http 1.2.3.4 8080 bob hunter2",
        '"bob:hunter2@1.2.3.4:8080",',
        "\ufeff bob:hunter2@1.2.3.4:8080\xa0\r\n",
    ],
)
def test_the_usual_spellings_are_one_proxy(text: str) -> None:
    assert proxy.parse(text) == Proxy(HTTP, "1.2.3.4", 8080, "bob", "hunter2")


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("http://bob:hunter2#x@h:1", "hunter2#x"),
        ("http://bob:12#x@h:1", "12#x"),
        ("http://bob:a/b?c#d@h:1", "a/b?c#d"),
        ("http://bob:a%2Fb%23@h:1", "a/b#"),
        ("http://bob:100%@h:1", "100%"),
        ("bob:p@ss:w@rd@h.example:1", "p@ss:w@rd"),
        ("h.example:1:bob:p@ss:w#/?%40", "p@ss:w#/?%40"),
        ("bob:p@ss:w#/?:h.example:1", "p@ss:w#/?"),
        ("h.example:1:bob:1234", "1234"),
        ("bob:1234:1.2.3.4:1", "1234"),
        ("h.example:1@bob:p@ss", "p@ss"),
        ("http://h.example:1:bob:p#ss", "p#ss"),
    ],
)
def test_a_password_may_have_any_sign_in_it_where_only_one_reading_fits(text: str, password: str) -> None:
    read = proxy.parse(text)

    assert (read.username, read.password, read.port) == ("bob", password, 1)


def test_without_a_scheme_it_is_http_and_socks5_on_the_port_of_socks() -> None:
    assert proxy.parse("1.2.3.4:3128").scheme == HTTP
    assert proxy.parse("1.2.3.4:1080:bob:pw").scheme == SOCKS5
    assert proxy.parse("http://1.2.3.4:1080").scheme == HTTP


@pytest.mark.parametrize(
    "hosts",
    [
        "127.0.0.1 127.1 127.0.1 0x7f.1 0x7f000001 2130706433 0177.0.0.1 127.000.000.001 [::ffff:127.0.0.1] [::1] "
        "[0:0:0:0:0:0:0:1] localhost LOCALHOST. 127.0.0.1. １２７.1",
        "10.1.2.3 10.66051 10.1.515 0xa.1.2.3 167838211 [::FFFF:A01:203] [::ffff:10.1.2.3]",
        "[2001:db8::1] [2001:0DB8:0:0::0001] [2001:db8:0:0:0:0:0:1]",
        "Gate.Example gate.example gate.example. GATE.EXAMPLE.",
        "прокси.рф ПРОКСИ.РФ xn--h1adldfi.xn--p1ai XN--H1ADLDFI.xn--p1ai. прокси。рф",
    ],
)
def test_every_spelling_of_an_address_is_the_same_proxy(hosts: str) -> None:
    read = [
        proxy.parse(f"{scheme}://{host}:8080") for host in hosts.split() for scheme in ("http", "SOCKS5", "socks5h")
    ]

    assert len({one.identity for one in read}) == 1
    assert all(proxy.parse(one.url) == one and proxy.parse(one.display).identity == one.identity for one in read)


@pytest.mark.parametrize("others", ["127.0.0.1 127.0.0.2 10.0.0.1", "a.example b.example a.example.example"])
def test_other_addresses_are_other_proxies(others: str) -> None:
    read = {proxy.parse(f"http://{host}:8080").identity for host in others.split()}

    assert len(read) == 3


def test_the_password_is_in_no_form_that_is_shown() -> None:
    read = proxy.parse("socks5://bob:hunter2@proxy.example:1080")

    assert read.display == "socks5h://bob:***@proxy.example:1080"
    assert "hunter2" not in f"{read} {read!r}"


def test_one_port_is_one_proxy_whatever_it_speaks_but_each_user_name_is_its_own() -> None:
    one = proxy.parse("http://bob:a@Gate.example:1080").identity

    assert proxy.parse("socks5://bob:b@gate.example:1080").identity == one
    assert proxy.parse("http://eve:a@gate.example:1080").identity != one
    assert proxy.parse("http://bob:a@gate.example:1081").identity != one


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(WORDS, WORDS, st.sampled_from(["http", "socks5", "socks5h"]))
def test_credentials_of_any_characters_survive_the_url(name: str, password: str, scheme: str) -> None:
    name = name.replace(":", "") or "x"

    read = proxy.parse(f"{scheme}://{quote(name, safe='')}:{quote(password, safe='')}@h:1")

    assert (read.username, read.password) == (name, password)
    assert proxy.parse(read.url) == read


@given(st.text() | st.text().map(lambda rest: "http://" + rest))
def test_any_text_is_a_proxy_or_a_refusal(text: str) -> None:
    try:
        read = proxy.parse(text)
    except ProxyInvalid as refused:
        assert refused.code.startswith("proxy.")
    else:
        assert 0 < read.port < 65536
