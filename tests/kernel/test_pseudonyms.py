"""Texts that are given away: people, addresses and SteamIDs in whatever spelling, and what is none of them."""

from __future__ import annotations

import pytest

from kernel.error_words import FOREIGN, words_of_error
from kernel.pseudonyms import Pseudonyms

NAMES = ("anna", "Ben Smith", "Анна-2", "x.y", "(odd")
HOSTS = ("relay1", "Proxy.Example")


def pseudonyms() -> Pseudonyms:
    return Pseudonyms(NAMES, HOSTS, {"/srv/data": "DATA"})


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("operator:anna gave it", "anna"),
        ("ANNA gave it", "ANNA"),
        ("said by Ben Smith.", "Smith"),
        ("АННА-2 сказала", "АННА"),
        ("x.y did", "x.y"),
        ("of (odd one", "(odd"),
        ("shell:root and notebook:z", "root"),
        ("76561199000000042 wrote", "76561199000000042"),
        ("chat_76561199000000042_x", "76561199000000042"),
        ("[U:1:22202] and STEAM_1:0:11101", "22202"),
        ("STEAM_0:1:11101", "11101"),
        ("http://relay1:80/", "relay1"),
        ("relay1:8080 refused", "relay1"),
        ("PROXY.EXAMPLE refused", "PROXY"),
        ("socks5h://u:p@10.9.8.7:1080/x", "10.9.8.7"),
        ("connect to 203.0.113.9 port 80.", "203.0.113.9"),
        ("from 2001:db8::7, then", "2001:db8::7"),
        ("[2001:db8::7]:443", "2001:db8"),
        ("fe80::1%eth0", "fe80::1"),
        ("unknown.host-name.example.org: no name", "host-name"),
        ("прокси.рф:80", "прокси"),
        ("mail to who@mail.example", "who"),
        ("/srv/data/steam/x", "/srv"),
        ("/home/carol/bots/x.toml", "carol"),
        (r"C:\Users\carol\x", "carol"),
        ("token swb_0123456789abcdef0123", "0123456789abcdef"),
        ("https://api.example/v1?key=abcd1234", "abcd1234"),
    ],
)
def test_who_and_where_is_not_in_a_text_that_is_given_away(text: str, gone: str) -> None:
    assert gone not in pseudonyms().text(text)


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1:8040 and [::1]:8040 are this machine",
        "kernel.hosting.quarantine at quarantine.py:45, 12:34:56",
        "version 3.11.2, events.ndjson, bot_01h455vb4pex5vsknk084sn02q",
        "e.g. this, i.e. that",
        "asyncio.TimeoutError: 1,234.5 s",
    ],
)
def test_what_is_neither_person_nor_place_stays(text: str) -> None:
    assert pseudonyms().text(text) == text


def test_equal_ones_are_equal_in_one_file_and_in_no_other() -> None:
    one, other = pseudonyms(), pseudonyms()
    spellings = ("76561197960287930", "[U:1:22202]", "STEAM_1:0:11101", "STEAM_0:0:11101")

    assert len({one.text(text) for text in spellings}) == 1
    assert one.text("relay1:8080 anna") == one.text("RELAY1:8080 Anna")
    assert one.text(spellings[0]) != other.text(spellings[0])
    assert one.value({"a": [76561197960287930, 5, None]}) == {"a": [one.text(spellings[0]), 5, None]}


@pytest.mark.parametrize(
    "text",
    [
        "it said 'may I have it'",
        'it said "it\'s mine"',
        "it said 'cut off in the mid",
        "it said «дай мне»",
        "дай мне нож",
    ],
)
def test_what_was_quoted_or_is_not_english_is_not_repeated(text: str) -> None:
    said = pseudonyms().sentence(text)

    assert not {"may", "have", "mine", "cut", "дай", "нож"} & set(said.replace("…", " ").split())
    assert pseudonyms().sentence("the machine's clock isn't the system's") == "the machine's clock isn't the system's"


@pytest.mark.parametrize(
    ("where", "detail", "ours", "told"),
    [
        ("respond", "ValueError: give me the knife", False, f"respond: ValueError: {FOREIGN}"),
        ("respond", "Rejected: give me the knife", False, f"respond: Rejected: {FOREIGN}"),
        ("handler of CreateTask", "KeyError: 'knife'", True, f"handler of CreateTask: KeyError: {FOREIGN}"),
        ("give me the knife", "", False, FOREIGN),
        ("task give me", "TimeoutError: did not end in time", False, "task: TimeoutError: did not end in time"),
        ("snapshot", "OSError: [Errno 28] knife", True, "snapshot: OSError: [Errno 28] ENOSPC No space left on device"),
        ("The clock is off.", "It is told.", True, "The clock is off.: It is told."),
        ("snapshot", "CommitFailed: no room", True, "snapshot: CommitFailed: no room"),
        ("respond", "TypeError: f() missing 1 required positional argument: 'x'", False, "respond: TypeError: f() mis"),
    ],
)
def test_an_error_keeps_the_words_that_are_ours_or_pythons(where: str, detail: str, ours: bool, told: str) -> None:
    assert words_of_error(where, detail, ours=ours).startswith(told)
    assert "knife" not in words_of_error(where, detail, ours=ours)
