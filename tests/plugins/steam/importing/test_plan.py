"""Many maFiles, a list of passwords and a list of proxies become a plan, and the plan bots; a second time nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.commands import AddBotFromMaFile
from kernel.errors import Conflict, Rejected
from kernel.ids import BotId
from kernel.testing import ManualClock
from plugins.steam import proxy
from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import MaFileInvalid
from plugins.steam.importing import execution, passwords, plan
from plugins.steam.importing.passwords import Passwords
from plugins.steam.importing.plan import KnownBot, KnownBots, Lists, PlanStanding, Step
from plugins.steam.importing.reading import Found
from plugins.steam.lists import Proxies
from plugins.steam.mafile import RemarkCode
from plugins.steam.texts import decode

FIRST = 76561198000000001


class Fleet:
    """The bots that there are, which refuses as the transport does: first the account, then the proxy."""

    def __init__(self) -> None:
        self.proxies: dict[str, str] = {}
        self.passwords: dict[str, str | None] = {}

    async def add(self, command: AddBotFromMaFile) -> BotId:
        login, url = json.loads(str(command.ma_file))["account_name"], command.proxy_url
        if login in self.proxies:
            raise Conflict(SteamRefusal.BOT_EXISTS, "a bot already")
        if url in self.proxies.values():
            raise Conflict(SteamRefusal.PROXY_TAKEN, "another's")
        self.proxies[login], self.passwords[login] = url, command.password
        return BotId(f"bot_{login}")

    def known(self) -> KnownBots:
        bots = {login: KnownBot(f"bot_{login}", b"s" * 20) for login in self.proxies}
        return KnownBots({}, bots, {proxy.parse(url).identity: f"bot_{at}" for at, url in self.proxies.items()})


def files(*logins: str) -> list[Found]:
    return [
        Found(f"{login}.maFile", json.dumps({"account_name": login}), login, shared_secret=b"s" * 20)
        for login in logins
    ]


def urls(count: int) -> list[str]:
    return [f"http://proxy{number}:8000" for number in range(count)]


def planned(
    found: list[Found], text: str, proxies: list[str], fleet: Fleet | None = None, signs_in: bool = True
) -> tuple[list[Step], Proxies]:
    given = Lists(Passwords(text), Proxies(proxies))
    known = (fleet or Fleet()).known()
    return plan.make(found, given, known, lambda _, password: signs_in or password is not None), given.proxies


async def imported(fleet: Fleet, found: list[Found], text: str, proxies: list[str]) -> list[Step]:
    steps, left = planned(found, text, proxies, fleet)
    clock = ManualClock()
    return [
        await execution.add(step, left, fleet.add, clock) if step.standing is PlanStanding.NEW else step
        for step in steps
    ]


def standings(steps: list[Step]) -> list[PlanStanding]:
    return [step.standing for step in steps]


async def test_each_file_becomes_a_bot_with_its_password_and_the_next_proxy() -> None:
    fleet = Fleet()

    steps = await imported(fleet, files("alice", "bob"), "alice:pw", urls(2))

    assert standings(steps) == [PlanStanding.ADDED, PlanStanding.ADDED]
    assert fleet.proxies == {"alice": "http://proxy0:8000", "bob": "http://proxy1:8000"}
    assert fleet.passwords == {"alice": "pw", "bob": None}


async def test_repeating_an_import_changes_nothing_also_without_the_passwords() -> None:
    fleet = Fleet()
    await imported(fleet, files("alice", "bob"), "alice:pw", urls(2))
    before = dict(fleet.proxies)

    again, _ = planned(files("alice", "bob"), "", urls(2), fleet, signs_in=False)

    assert standings(again) == [PlanStanding.KNOWN, PlanStanding.KNOWN]
    assert fleet.proxies == before
    assert fleet.passwords["alice"] == "pw"


@given(st.permutations("abcdefgh"), st.integers(0, 8))
async def test_whatever_was_imported_before_a_new_bot_gets_a_proxy_that_is_free(order: list[str], earlier: int) -> None:
    fleet = Fleet()
    await imported(fleet, files(*order[:earlier]), "", urls(8))

    await imported(fleet, files(*sorted(order)), "", urls(8))

    assert len(set(fleet.proxies.values())) == len(fleet.proxies) == 8


async def test_a_bot_beyond_the_last_proxy_is_told_so_and_a_known_one_is_still_known() -> None:
    fleet = Fleet()

    steps = await imported(fleet, files("alice", "bob"), "", urls(1))
    again, _ = planned(files("alice"), "", urls(1), fleet)

    assert standings([*steps, *again]) == [PlanStanding.ADDED, PlanStanding.WITHOUT_PROXY, PlanStanding.KNOWN]
    assert "proxy" in steps[1].message


async def test_a_bots_own_proxy_is_the_only_one_that_it_is_given() -> None:
    fleet = Fleet()

    await imported(fleet, files("alice", "Bob"), "", ["bob http://bobs:1", *urls(2)])

    assert fleet.proxies == {"alice": "http://proxy0:8000", "Bob": "http://bobs:1"}


def test_an_own_proxy_that_is_another_bots_is_told_before_anything_is_done() -> None:
    fleet = Fleet()
    fleet.proxies["carol"] = "http://bobs:1"

    (step,), _ = planned(files("bob"), "", ["bob http://bobs:1", *urls(2)], fleet)

    assert (step.standing, step.code) == (PlanStanding.WITHOUT_PROXY, SteamRefusal.PROXY_TAKEN)
    assert "bot_carol" in step.message


def test_a_file_that_is_no_mafile_is_told_and_the_next_one_is_taken() -> None:
    bad = Found("bad.maFile", problem=MaFileInvalid(SteamRefusal.MA_FILE_NOT_JSON, "the maFile is not JSON"))

    steps, _ = planned([bad, *files("alice")], "", urls(1))

    assert (steps[0].standing, steps[0].message) == (PlanStanding.UNUSABLE, "the maFile is not JSON")
    assert steps[1].standing is PlanStanding.NEW


async def test_a_password_of_the_list_goes_before_the_one_in_the_file() -> None:
    fleet = Fleet()
    in_file = [file._replace(password="old") for file in files("alice", "bob")]

    await imported(fleet, in_file, "alice:new", urls(2))

    assert fleet.passwords == {"alice": "new", "bob": "old"}


def test_without_password_and_token_a_bot_is_not_tried_and_costs_no_proxy() -> None:
    steps, _ = planned(files("alice", "bob"), "bob:pw", urls(1), signs_in=False)

    assert standings(steps) == [PlanStanding.WITHOUT_PASSWORD, PlanStanding.NEW]
    assert "list of passwords" in steps[0].message


def test_the_same_file_twice_is_done_once_and_two_keys_of_one_account_are_not_chosen_from() -> None:
    alice, copy, bob, other = files("alice", "Alice", "bob", "bob")

    steps, _ = planned([alice, copy, bob, other._replace(name="old.maFile", shared_secret=b"t" * 20)], "", urls(4))

    assert standings(steps) == [
        PlanStanding.NEW,
        PlanStanding.DUPLICATE,
        PlanStanding.CONTRADICTORY,
        PlanStanding.CONTRADICTORY,
    ]
    assert "bob.maFile and old.maFile" in steps[2].message


def test_a_file_that_names_its_account_and_one_that_does_not_are_one_account() -> None:
    named, unnamed = files("alice", "alice")

    steps, _ = planned([named._replace(steam_id64=FIRST), unnamed], "", urls(2))

    assert standings(steps) == [PlanStanding.NEW, PlanStanding.DUPLICATE]


def test_a_known_account_with_another_key_than_the_one_that_is_kept_is_told() -> None:
    fleet = Fleet()
    fleet.proxies["alice"] = "http://alices:1"
    (file,) = files("alice")

    (step,), _ = planned([file._replace(shared_secret=b"t" * 20)], "", urls(1), fleet)

    assert step.standing is PlanStanding.KNOWN
    assert [note.code for note in step.notes] == [RemarkCode.KEPT_DIFFERS]


async def test_a_proxy_that_was_taken_since_the_plan_gives_way_to_the_next() -> None:
    fleet = Fleet()
    (step,), left = planned(files("alice"), "", urls(3), fleet)
    fleet.proxies |= {"carol": "http://proxy0:8000", "dave": "http://proxy1:8000"}

    ended = await execution.add(step, left, fleet.add, ManualClock())

    assert ended.standing is PlanStanding.ADDED
    assert fleet.proxies["alice"] == "http://proxy2:8000"


async def test_where_the_system_is_busy_an_import_waits_and_goes_on() -> None:
    fleet, asked = Fleet(), []
    (step,), left = planned(files("alice"), "", urls(1), fleet)

    async def busy(command: AddBotFromMaFile) -> BotId:
        asked.append(command)
        if len(asked) < 3:
            raise Rejected(SteamRefusal.STEAM_BUSY, "later", retry_after=0)
        return await fleet.add(command)

    ended = await execution.add(step, left, busy, ManualClock())

    assert (ended.standing, len(asked)) == (PlanStanding.ADDED, 3)


async def test_no_secret_is_left_in_a_step_that_has_ended() -> None:
    (step,) = await imported(Fleet(), files("alice"), "alice:hunter2", ["http://u:hunter3@proxy:1"])

    assert (step.found.document, step.found.shared_secret, step.password) == ("", b"", None)
    assert "hunter" not in step.shown_proxy + repr(step)


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
        ("alice\tse cret", "se cret"),
        ("alice,se;cret", "se;cret"),
        ("alice secret", "secret"),
        ("alice : secret", "secret"),
        ('"alice";"se;""cret"', 'se;"cret'),
        ('"alice","se,cret"', "se,cret"),
        ("login,password\nalice,secret", "secret"),
        ('Login;E-Mail;Password\nalice;a@example.org;"se;cret"', "se;cret"),
        ("password\tusername\nse:cret\talice", "se:cret"),
        ("Логин;Пароль\nalice;тайна", "тайна"),
        ("account_name|steam_password\nalice|secret", "secret"),
        ("\ufeffalice:secret\r\n", "secret"),
    ],
)
def test_lists_of_logins_are_read_in_all_their_forms(line: str, password: str) -> None:
    assert Passwords(f"# sold on Monday\n\n{line}").by_login == {"alice": password}


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1))
def test_a_password_is_read_as_it_is_when_nothing_is_appended(password: str) -> None:
    line = f"alice:{password}"
    if not passwords._APPENDED.fullmatch(password.partition(":")[2]):
        assert Passwords(line).by_login == {"alice": password}


@pytest.mark.parametrize("line", ["alice", ":secret", "alice:", "x" * 300, "alice:" + "x" * 300, '"alice', "a b c"])
def test_a_line_without_login_or_password_is_told_by_its_number_and_costs_no_other(line: str) -> None:
    read = Passwords(f"bob:pw\n{line}\ncarol:pw")

    (problem,) = read.problems
    assert "line 2" in problem.told
    assert line not in problem.told
    assert read.by_login == {"bob": "pw", "carol": "pw"}


def test_a_second_password_of_one_login_is_told_and_not_chosen_silently() -> None:
    read = Passwords("alice:one\nALICE:one\nalice:two")

    assert read.by_login == {"alice": "one"}
    assert [problem.line for problem in read.problems] == [3]


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
    Passwords(decode(data))


def test_passwords_are_read_in_other_encodings() -> None:
    for encoding in ("utf-16", "utf-8-sig", "cp1251"):
        assert Passwords(decode("alice:пароль".encode(encoding))).by_login == {"alice": "пароль"}
