"""Many maFiles, a list of passwords and a list of proxies become bots; the second time nothing changes."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.steam import lists, proxy
from plugins.steam.bulk_import import Answer, Line, Outcome, import_bots
from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import MaFileInvalid
from plugins.steam.lists import ListInvalid, Proxies
from plugins.steam.mafile_folder import Found
from plugins.steam.texts import decode


class Fleet:
    """The bots that there are, which refuses as the transport does: first the account, then the proxy."""

    def __init__(self) -> None:
        self.proxies: dict[str, str] = {}
        self.passwords: dict[str, object] = {}

    def add(self, payload: Mapping[str, object]) -> Answer:
        login, url = json.loads(str(payload["maFile"]))["account_name"], str(payload["proxyUrl"])
        if login in self.proxies:
            return Answer(code="botExists", message="a bot already")
        if url in self.proxies.values():
            return Answer(code="proxyTaken", message="another's")
        self.proxies[login], self.passwords[login] = url, payload.get("password")
        return Answer(bot_id=f"bot_{login}")


def files(*logins: str) -> list[Found]:
    return [Found(f"{login}.maFile", json.dumps({"account_name": login}), login) for login in logins]


def urls(count: int) -> list[str]:
    return [f"http://proxy{number}:8000" for number in range(count)]


def outcomes(lines: list[Line]) -> list[Outcome]:
    return [line.outcome for line in lines]


def test_each_file_becomes_a_bot_with_its_password_and_the_next_proxy() -> None:
    fleet = Fleet()

    lines = list(import_bots(files("alice", "bob"), {"alice": "pw"}, Proxies(urls(2)), fleet.add))

    assert outcomes(lines) == [Outcome.ADDED, Outcome.ADDED]
    assert fleet.proxies == {"alice": "http://proxy0:8000", "bob": "http://proxy1:8000"}
    assert fleet.passwords == {"alice": "pw", "bob": None}


def test_repeating_an_import_changes_nothing() -> None:
    fleet = Fleet()
    list(import_bots(files("alice", "bob"), {}, Proxies(urls(2)), fleet.add))
    before = dict(fleet.proxies)

    again = list(import_bots(files("alice", "bob"), {}, Proxies(urls(2)), fleet.add))

    assert outcomes(again) == [Outcome.KNOWN, Outcome.KNOWN]
    assert fleet.proxies == before


@given(st.permutations("abcdefgh"), st.integers(0, 8))
def test_whatever_was_imported_before_a_new_bot_gets_a_proxy_that_is_free(order: list[str], earlier: int) -> None:
    fleet = Fleet()
    list(import_bots(files(*order[:earlier]), {}, Proxies(urls(8)), fleet.add))

    list(import_bots(files(*sorted(order)), {}, Proxies(urls(8)), fleet.add))

    assert len(set(fleet.proxies.values())) == len(fleet.proxies) == 8


def test_a_bot_beyond_the_last_proxy_is_told_so_and_a_known_one_is_still_known() -> None:
    fleet = Fleet()

    lines = list(import_bots(files("alice", "bob"), {}, Proxies(urls(1)), fleet.add))
    again = list(import_bots(files("alice"), {}, Proxies(urls(1)), fleet.add))

    assert outcomes(lines + again) == [Outcome.ADDED, Outcome.REFUSED, Outcome.KNOWN]
    assert "proxy" in lines[1].told


def test_a_bots_own_proxy_is_the_only_one_that_it_is_given() -> None:
    fleet = Fleet()
    proxies = Proxies(["bob http://bobs:1", *urls(2)])

    list(import_bots(files("alice", "Bob"), {}, proxies, fleet.add))

    assert fleet.proxies == {"alice": "http://proxy0:8000", "Bob": "http://bobs:1"}


def test_a_file_that_is_no_mafile_is_told_and_the_next_one_is_taken() -> None:
    fleet = Fleet()
    bad = Found("bad.maFile", problem=MaFileInvalid(SteamRefusal.MA_FILE_NOT_JSON, "the maFile is not JSON"))

    lines = list(import_bots([bad, *files("alice")], {}, Proxies(urls(1)), fleet.add))

    assert lines[0] == Line("bad.maFile", Outcome.REFUSED, "", "the maFile is not JSON")
    assert lines[1].outcome is Outcome.ADDED


def test_a_password_of_the_list_goes_before_the_one_in_the_file() -> None:
    fleet = Fleet()
    in_file = [file._replace(password="old") for file in files("alice", "bob")]

    list(import_bots(in_file, {"alice": "new"}, Proxies(urls(2)), fleet.add))

    assert fleet.passwords == {"alice": "new", "bob": "old"}


@pytest.mark.parametrize(
    ("line", "password"),
    [
        ("Alice:secret", "secret"),
        ("alice:se:cr:et", "se:cr:et"),
        ("alice:secret:alice.maFile", "secret"),
        ("alice:secret:76561197960265729.mafile", "secret"),
        ("alice:secret:alice@example.org:mailpass", "secret"),
        ("alice:secret:alice@example.org:mail:pass", "secret"),
        ("alice:secret:zvIayp3JPvtvX/QGHqsqKBk/44s=", "secret"),
        ('alice:secret:{"shared_secret": "x"}', "secret"),
        ("alice;secret", "secret"),
        ("alice|se:cret", "se:cret"),
        ("\ufeffalice:secret\r\n", "secret"),
    ],
)
def test_lists_of_logins_are_read_in_all_their_forms(line: str, password: str) -> None:
    assert lists.passwords(["# sold on Monday", "", line]) == {"alice": password}


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1))
def test_a_password_is_read_as_it_is_when_nothing_is_appended(password: str) -> None:
    line = f"alice:{password}"
    if not lists._APPENDED.fullmatch(password.partition(":")[2]):
        assert lists.passwords([line]) == {"alice": password}


@pytest.mark.parametrize("line", ["alice", ":secret", "alice:"])
def test_a_line_without_login_or_password_is_refused_by_its_number_and_not_shown(line: str) -> None:
    with pytest.raises(ListInvalid, match="line 2") as refused:
        lists.passwords(["bob:pw", line])

    assert "alice" not in str(refused.value)


BAD_LIST = """\ufeff# bought on Monday
http://bob:hunter2@10.0.0.1:1 # US

ftp://user:hunter2@10.0.0.2:1
10.0.0.3:1:bob:hunter2\r
alice bob:hunter2@10.0.0.4:1
carol\thttp://10.0.0.5:1
// sold out:
hunter2
10.0.0.1.:1:bob:other
dave 10.0.0.6 hunter2
alice 10.0.0.7:1
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251"])
def test_a_list_gives_what_is_a_proxy_and_tells_the_rest_by_line_without_a_secret(encoding: str) -> None:
    text = BAD_LIST.replace("Monday", "понедельник")
    data = (text.removeprefix("\ufeff") if encoding == "cp1251" else text).encode(encoding)

    read = Proxies(decode(data))

    assert [(entry.line, entry.proxy.host, entry.login) for entry in read.entries] == [
        (2, "10.0.0.1", None),
        (5, "10.0.0.3", None),
        (6, "10.0.0.4", "alice"),
        (7, "10.0.0.5", "carol"),
        (12, "10.0.0.7", "alice"),
    ]
    assert [(bad.line, bad.code) for bad in read.problems] == [
        (4, "proxy.scheme"),
        (9, "proxy.malformed"),
        (10, "proxyTaken"),
        (11, "proxy.malformed"),
        (12, "proxy.doubtful"),
    ]
    assert all(f"line {bad.line}" in bad.told and "hunter2" not in bad.told for bad in read.problems)
    assert [proxy.parse(url).host for url in read.offers("ALICE")] == ["10.0.0.4"]
    assert [proxy.parse(url).host for url in read.offers("eve")] == ["10.0.0.1", "10.0.0.3"]


@given(st.binary())
def test_any_file_is_a_list_with_problems(data: bytes) -> None:
    Proxies(decode(data))


def test_passwords_are_read_in_other_encodings() -> None:
    for encoding in ("utf-16", "utf-8-sig", "cp1251"):
        assert lists.passwords(decode("alice:пароль".encode(encoding)).splitlines()) == {"alice": "пароль"}
