"""The talk with a proxy, byte by byte, with proxies that refuse, lie, stutter or hang up."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.steam.errors import ProxyRefusedCredentials, ProxyRefusedTarget, ProxyUnreachable, TransportError
from plugins.steam.proxy import HTTP, SOCKS5, Proxy
from plugins.steam.tunnel import HEADERS, talk

BOB_HTTP = Proxy(HTTP, "proxy.example", 3128, "bob", "hunter2 ж:")
BOB_SOCKS = Proxy(SOCKS5, "proxy.example", 1080, "bob", "hunter2 ж:")
PASSWORD = "hunter2 ж:".encode()
GRANTED = b"\x05\x00\x00\x01\x7f\x00\x00\x01\x04\x38"


def converse(proxy: Proxy, answers: bytes, host: str = "cm1.example", port: int = 443) -> bytes:
    """Play a proxy that says `answers` and hangs up; gives what it heard, and fails on a byte left unread."""
    words = talk(proxy, host, port)
    heard = b""
    try:
        turn = next(words)
        while True:
            heard += turn.send
            take = turn.expect if turn.expect != HEADERS else len(answers)
            data, answers = answers[:take], answers[take:]
            turn = words.send(data)
    except StopIteration:
        assert answers == b""
        return heard


def test_an_http_proxy_is_asked_to_connect_with_the_bots_credentials() -> None:
    heard = converse(BOB_HTTP, b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n")

    credentials = base64.b64encode(b"bob:" + PASSWORD)
    assert heard == (
        b"CONNECT cm1.example:443 HTTP/1.1\r\nHost: cm1.example:443\r\n"
        b"Proxy-Authorization: Basic " + credentials + b"\r\n\r\n"
    )


def test_an_ipv6_target_is_bracketed_and_no_credentials_are_made_up() -> None:
    heard = converse(Proxy(HTTP, "h", 1), b"HTTP/1.0 200 OK\r\n\r\n", host="2001:db8::1")

    assert heard == b"CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n"


@pytest.mark.parametrize("status", [b"407 Proxy Authentication Required", b"401 Unauthorized"])
def test_an_http_proxy_that_refuses_the_password_is_told_from_one_that_is_down(status: bytes) -> None:
    with pytest.raises(ProxyRefusedCredentials, match="does not take this user name and password"):
        converse(BOB_HTTP, b"HTTP/1.1 " + status + b"\r\n\r\n")
    with pytest.raises(ProxyRefusedCredentials, match="wants a user name and password"):
        converse(Proxy(HTTP, "h", 1), b"HTTP/1.1 " + status + b"\r\n\r\n")


@pytest.mark.parametrize("status", [b"403 Forbidden", b"502 Bad Gateway", b"301 Moved", b"999 What"])
def test_an_http_proxy_that_does_not_reach_the_cm_says_so(status: bytes) -> None:
    with pytest.raises(ProxyRefusedTarget, match=status[:3].decode()):
        converse(BOB_HTTP, b"HTTP/1.1 " + status + b"\r\n\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x05\x00",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nstray",
    ],
)
def test_what_answers_and_is_no_http_proxy_is_not_spoken_tls_with(answer: bytes) -> None:
    with pytest.raises(ProxyUnreachable):
        converse(BOB_HTTP, answer)


def test_a_socks_proxy_is_given_the_credentials_and_the_name_to_resolve() -> None:
    heard = converse(BOB_SOCKS, b"\x05\x02" + b"\x01\x00" + GRANTED)

    login = b"\x01\x03bob" + bytes((len(PASSWORD),)) + PASSWORD
    assert heard == b"\x05\x01\x02" + login + b"\x05\x01\x00\x03\x0bcm1.example\x01\xbb"


def test_a_socks_proxy_is_offered_the_credentials_alone_and_may_do_without() -> None:
    heard = converse(BOB_SOCKS, b"\x05\x00" + GRANTED)

    assert heard == b"\x05\x01\x02" + b"\x05\x01\x00\x03\x0bcm1.example\x01\xbb"
    assert b"hunter2" not in heard


def test_a_socks_proxy_never_gets_credentials_that_the_bot_does_not_have() -> None:
    with pytest.raises(ProxyRefusedCredentials, match="wants a user name and password"):
        converse(Proxy(SOCKS5, "h", 1), b"\x05\x02" + b"\x01\x00" + GRANTED)


HEADS = [
    b"HTTP/1.1 200 Connection established\r\n\r\n",
    b"HTTP/1.1 200 OK\n\n",
    b"HTTP/1.0 200 OK\nVia: x\n\n",
    b"HTTP/1.1 200 OK\r\nVia: x\n\r\n",
    b"HTTP/1.1 200\r\n\r\n",
    b"http/1.1  200  OK\r\nContent-Length: 0\r\n\r\n",
    b"\r\n\nHTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-Long: one\r\n two\r\n\tthree\r\n \r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 102 Processing\n\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\n\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 4_000 + b"\r\n",
]


@pytest.mark.parametrize("answer", HEADS, ids=range(len(HEADS)))
@pytest.mark.parametrize("size", [1, 2, 3, 7, 100_000])
def test_an_http_answer_is_read_however_it_is_written_and_cut(answer: bytes, size: int) -> None:
    pieces = [answer[at : at + size] for at in range(0, len(answer), size)]
    words = talk(BOB_HTTP, "cm1.example", 443)
    asked = [next(words)]
    with pytest.raises(StopIteration):
        for piece in pieces:
            asked.append(words.send(piece))

    assert len(asked) == len(pieces)
    assert [turn.send for turn in asked[1:]] == [b""] * (len(pieces) - 1)


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (b"HTTP/1.1 403 No\n\n", ProxyRefusedTarget, "does not allow this address"),
        (b"HTTP/1.1 502 No\r\n\r\n", ProxyRefusedTarget, "could not connect"),
        (b"HTTP/1.1 503 No\r\n\r\n", ProxyRefusedTarget, "overloaded"),
        (b"HTTP/1.1 504 No\r\n\r\n", ProxyRefusedTarget, "in time"),
        (b"HTTP/1.1 405 No\r\n\r\n", ProxyRefusedTarget, "no CONNECT"),
        (b"HTTP/1.1 101 No\r\n\r\n", ProxyRefusedTarget, "101"),
        (b"HTTP/1.1 100 No\r\n\r\nHTTP/1.1 407 No\n\n", ProxyRefusedCredentials, "does not take"),
        (b"HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\n\r\n", ProxyRefusedCredentials, "by ntlm only"),
        (
            b"HTTP/1.1 407 No\r\nproxy-authenticate: Digest x\r\nProxy-Authenticate: Basic\r\n\r\n",
            ProxyRefusedCredentials,
            "does not take",
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 9, ProxyRefusedTarget, "100"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000, ProxyUnreachable, "no HTTP proxy"),
        (b"\x05\xff\n\n", ProxyUnreachable, "answers as a SOCKS5 proxy"),
        (b"", ProxyUnreachable, "closed the connection without an answer"),
    ],
)
def test_an_http_proxys_no_is_told_in_words(answer: bytes, error: type[TransportError], said: str) -> None:
    with pytest.raises(error, match=said) as refused:
        converse(BOB_HTTP, answer)
    assert "hunter2" not in str(refused.value)


def test_a_socks_proxy_that_closes_right_behind_its_no_has_said_why() -> None:
    with pytest.raises(ProxyRefusedTarget, match="connection refused"):
        converse(BOB_SOCKS, b"\x05\x02\x01\x00" + b"\x05\x05")
    with pytest.raises(ProxyUnreachable, match="answers as an HTTP proxy"):
        converse(BOB_SOCKS, b"HTTP/1.1 400 Bad Request")


@pytest.mark.parametrize(
    ("host", "address"),
    [("10.1.2.3", b"\x01\x0a\x01\x02\x03"), ("2001:db8::1", b"\x04\x20\x01\x0d\xb8" + bytes(11) + b"\x01")],
)
def test_a_socks_proxy_is_given_an_address_as_it_is(host: str, address: bytes) -> None:
    heard = converse(Proxy(SOCKS5, "h", 1), b"\x05\x00" + GRANTED, host=host)

    assert heard == b"\x05\x01\x00" + b"\x05\x01\x00" + address + b"\x01\xbb"


@pytest.mark.parametrize("bound", [b"\x01" + bytes(6), b"\x04" + bytes(18), b"\x03\x05proxy" + bytes(2)])
def test_whatever_address_a_socks_proxy_binds_the_tunnel_begins_right_behind_it(bound: bytes) -> None:
    converse(Proxy(SOCKS5, "h", 1), b"\x05\x00" + b"\x05\x00\x00" + bound)


@pytest.mark.parametrize("answers", [b"\x05\xff", b"\x05\x02\x01\x01", b"\x05\x02\x01\xff"])
def test_a_socks_proxy_that_refuses_the_password_is_told_from_one_that_is_down(answers: bytes) -> None:
    with pytest.raises(ProxyRefusedCredentials):
        converse(BOB_SOCKS, answers)


@pytest.mark.parametrize(("reply", "reason"), [(1, "general"), (2, "not allowed"), (4, "host"), (99, "reply 99")])
def test_a_socks_proxy_that_does_not_reach_the_cm_says_why(reply: int, reason: str) -> None:
    with pytest.raises(ProxyRefusedTarget, match=reason):
        converse(Proxy(SOCKS5, "h", 1), b"\x05\x00" + bytes((5, reply, 0, 1)))


@pytest.mark.parametrize(
    "answers", [b"", b"\x05", b"\x04\x00", b"HT", b"\x05\x01", b"\x05\x00\x05\x00\x00\x09", b"\x05\x00\x05\x00\x00\x01"]
)
def test_what_answers_and_is_no_socks_proxy_is_refused(answers: bytes) -> None:
    with pytest.raises(ProxyUnreachable):
        converse(Proxy(SOCKS5, "h", 1), answers)


@given(st.sampled_from([BOB_HTTP, BOB_SOCKS, Proxy(SOCKS5, "h", 1)]), st.binary(max_size=64))
def test_any_answers_end_in_a_tunnel_or_in_one_of_our_errors_without_the_password(proxy: Proxy, answers: bytes) -> None:
    prefix = b"" if proxy.scheme == HTTP else bytes((5, 0 if proxy.username is None else 2))
    try:
        converse(proxy, prefix + answers)
    except TransportError as error:
        assert "hunter2" not in str(error)
    except AssertionError:  # a tunnel, with answers to spare
        pass
