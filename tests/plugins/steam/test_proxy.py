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
        ("10.0.0.1:3128", "proxy.malformed"),
        ("", "proxy.malformed"),
        ("http://h:1\r\nHost: evil", "proxy.malformed"),
        ("http://" + "h" * 3000 + ":1", "proxy.malformed"),
        ("http://h:1/path", "proxy.malformed"),
        ("http://bob:hunter2#x@h:1", "proxy.malformed"),
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
