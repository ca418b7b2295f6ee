"""A script that was made to do harm is refused in words: it hangs nothing, fills nothing and reaches nothing."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from kernel.events import PluginQuarantined
from kernel.testing import World
from plugins.scripted_agent import ScriptedAgent
from plugins.scripted_agent.check import MOST_PATIENCE, MOST_PHRASES, MOST_STEPS, MOST_WAIT_MINUTES
from plugins.scripted_agent.errors import LONGEST_PROBLEM, MOST_PROBLEMS, ScriptsInvalid
from plugins.scripted_agent.files import LONGEST_LINE, MOST_BYTES, MOST_FILES
from plugins.scripted_agent.reading import SHIPPED, load

GOOD = (SHIPPED / "trade.en.toml").read_text("utf-8")


def refusal(*places: Path) -> list[str]:
    with pytest.raises(ScriptsInvalid) as invalid:
        load(places, "en")
    return list(invalid.value.problems)


def _folder(path: Path) -> None:
    path.mkdir()


def _link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(path))  # the names of sockets may not be long


def _link_to_a_pipe(path: Path) -> None:
    os.mkfifo(path.with_suffix(".pipe"))
    path.symlink_to(path.with_suffix(".pipe"))


def _terabyte(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)  # it takes no space


@pytest.mark.parametrize(
    ("put", "problem"),
    [
        (os.mkfifo, "is a pipe, socket or device, not a file; put a script file in its place or take it away"),
        (_link_to_a_pipe, "is a pipe, socket or device, not a file"),
        (_link_to_a_device, "is a pipe, socket or device, not a file"),
        (_socket, "is a pipe, socket or device, not a file"),
        (_folder, "is a folder, not a file"),
        (_link_to_itself, "cannot be read: Too many levels of symbolic links"),
        (lambda path: path.write_bytes(b"#" * (MOST_BYTES + 1)), "is larger than 64 KiB, the most a script may have"),
        (_terabyte, "is larger than 64 KiB"),
        (lambda path: path.write_bytes(b"first = '\xff\xfe'"), "is not UTF-8; save it in that encoding"),
    ],
)
def test_what_is_no_small_regular_file_is_refused_unread(
    tmp_path: Path, put: Callable[[Path], object], problem: str
) -> None:
    put(tmp_path / "bad.toml")
    [found] = refusal(tmp_path)
    assert found.startswith(f"bad.toml: {problem}")


def test_a_device_that_is_named_as_a_script_is_refused() -> None:
    assert refusal(Path("/dev/zero"))[0].startswith("zero: is a pipe, socket or device")


def test_a_link_to_a_regular_file_is_read_as_the_file(tmp_path: Path) -> None:
    (tmp_path / "linked.toml").symlink_to(SHIPPED / "trade.en.toml")
    assert set(load((tmp_path,), "en")) == {"en"}


def test_a_script_of_exactly_the_most_bytes_is_read(tmp_path: Path) -> None:
    filler = "#" * 99 + "\n"
    text = GOOD + filler * ((MOST_BYTES - len(GOOD.encode())) // 100)
    text += "#" * (MOST_BYTES - len(text.encode()))
    (tmp_path / "full.toml").write_text(text, "utf-8")
    assert set(load((tmp_path,), "en")) == {"en"}
    (tmp_path / "full.toml").write_text(text + "#", "utf-8")
    assert refusal(tmp_path)[0].startswith("full.toml: is larger than 64 KiB")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("first = " + "[" * 1_900, "has arrays or tables too deep within each other; a script needs two levels"),
        ("first = " + "[\n" * 20_000, "has arrays or tables too deep within each other"),
        ("first = " + "{a=" * 600, "has arrays or tables too deep within each other"),
        (".".join("a" * 20_000) + " = 1", f"line 1 has more than {LONGEST_LINE} characters; break it into several"),
        ("\n[" + ".".join("a" * 20_000) + "]", f"line 2 has more than {LONGEST_LINE} characters"),
        ("a = 1\na = 2", "is not TOML: Cannot overwrite a value"),
    ],
)
def test_a_form_that_wears_the_reader_out_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "bad.toml").write_text(text, "utf-8")
    assert refusal(tmp_path)[0].startswith(f"bad.toml: {problem}")


@pytest.mark.parametrize(
    "text",
    [
        "{item.__class__}",
        "{item.__class__.__init__.__globals__}",
        "{item[0]}",
        "{item:>999999999}",
        "{price_max:.999999999f}",
        "{item:{item}}",
        "{item!r}",
        "{item!a:>9}",
        "{0}",
        "{}",
        "{task}",
        "{ item }",
    ],
)
@pytest.mark.parametrize("place", ["say", "again", "remind", "detail", "[always]"])
def test_a_placeholder_that_is_more_than_a_name_is_refused(tmp_path: Path, place: str, text: str) -> None:
    lines = GOOD.splitlines()
    key = 'asks_price = { say = "' if place == "[always]" else f'{place} = "'
    at = next(number for number, line in enumerate(lines) if line.startswith(key))
    lines[at] = f'{key}{text}"' + (" }" if place == "[always]" else "")
    (tmp_path / "bad.toml").write_text("\n".join(lines), "utf-8")
    found = refusal(tmp_path)
    assert any(f"there is no placeholder {text} here; there are: {{" in one for one in found), found


def _long_ladder(length: int) -> str:
    """Steps of which each leads to the next eight: few steps, and more ways than anybody can walk."""
    answers = ("yes", "no", "price_within", "price_below", "price_above", "asks_price", "asks_program", "other")
    text = ""
    for number in range(length):
        text += f'[steps.s{number}]\nsay = "?"\nsilence = {{ to = "no_answer" }}\n'
        for ahead, answer in enumerate(answers, number + 1):
            to = f"s{ahead}" if ahead < length else "not_understood"
            text += f'{answer} = {{ to = "{to}" }}\n'
    return GOOD.replace('first = "offer"', 'first = "s0"').replace("[steps.offer]", text + "[steps.offer]")


def _put(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def _phrases(number: int, length: int = 1) -> str:
    return "not_a_price = [\n" + "".join(f'"{"w" * length}{at}",\n' for at in range(number))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (_long_ladder(MOST_STEPS), f"[steps]: there are 60; {MOST_STEPS} is the most, so take some away"),
        (_long_ladder(MOST_STEPS - 10), "[steps.offer]: no way leads here"),
        (_put("not_a_price = [\n", _phrases(MOST_PHRASES)), f"phrases; {MOST_PHRASES} is the most, so take some away"),
        (
            _put("not_a_price = [\n", _phrases(1, 100)),
            "[words]: not_a_price: 'wwwwwwwwwwwwwwwwwwww'… has 101 characters",
        ),
        (_put("patience = 3", "patience = 21"), f"patience: must be at least 1 and at most {MOST_PATIENCE}"),
        (_put("patience = 3", "patience = " + "9" * 1_900), f"at least 1 and at most {MOST_PATIENCE}"),
        (_put("patience = 3", "patience = 0x" + "f" * 1_900), f"at least 1 and at most {MOST_PATIENCE}"),
        (_put("wait_minutes = 60", "wait_minutes = 10081"), f"wait_minutes: must be at least 1 and at most {10_080}"),
        (_put("wait_minutes = 60", "wait_minutes = 9223372036854775807"), f"at most {MOST_WAIT_MINUTES}"),
        (_put("wait_minutes = 60", "wait_minutes = inf"), "wait_minutes: Expected `int`, got `float`"),
        (_put("[steps.offer]\n", "[steps.offer]\nwait_minutes = 10081\n"), "[steps.offer]: wait_minutes: must be at"),
        (_put("[steps.offer]\n", "[steps.offer]\nwait_minutes = -1\n"), "[steps.offer]: wait_minutes: must be at"),
        (_put("[steps.offer]", f"[steps.{'s' * 65}]"), "the name has 65 characters; 64 is the most"),
        (_put('reason = "agreed"', f'reason = "{"r" * 65}"'), "[steps.agreed]: reason: has 65 characters; 64 is the"),
        (_put("Would you sell it?", "Buy! " * 201), "[steps.offer]: say: has"),
    ],
)
def test_more_of_anything_than_a_script_can_need_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "bad.toml").write_text(text, "utf-8")
    found = refusal(tmp_path)
    assert any(one.startswith("bad.toml: ") and problem in one for one in found), found


def test_a_script_that_an_editor_has_begun_with_its_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(GOOD, "utf-8-sig")
    assert "en" in load((tmp_path,), "en")


def test_the_bounds_themselves_are_allowed(tmp_path: Path) -> None:
    text = _put("patience = 3", f"patience = {MOST_PATIENCE}")
    text = text.replace("wait_minutes = 60", f"wait_minutes = {MOST_WAIT_MINUTES}")
    (tmp_path / "good.toml").write_text(text, "utf-8")
    script = load((tmp_path,), "en")["en"]
    assert script.wait_ms("offer") == 7 * 24 * 3_600_000


def test_a_folder_of_more_files_than_there_may_be_is_refused_and_none_is_read(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 1):
        (tmp_path / f"{number}.toml").write_text("not TOML", "utf-8")
    assert refusal(tmp_path) == [
        f"{tmp_path}: there are more than {MOST_FILES} script files; keep one for each language"
    ]


def test_a_flood_of_mistakes_is_told_in_part(tmp_path: Path) -> None:
    keys = "".join(f"k{number} = 1\n" for number in range(2_000))
    (tmp_path / "bad.toml").write_text(keys + "x" * 1_900 + " = 1\n", "utf-8")
    with pytest.raises(ScriptsInvalid) as invalid:
        load((tmp_path,), "en")
    assert invalid.value.problems[-1] == f"and {2_001 + 2 + 1 - MOST_PROBLEMS} more; mend these first"
    assert len(str(invalid.value)) < (MOST_PROBLEMS + 2) * (LONGEST_PROBLEM + 2)
    (tmp_path / "bad.toml").write_text("x" * 1_900 + " = 1\n", "utf-8")
    assert max(map(len, refusal(tmp_path))) == LONGEST_PROBLEM + 1


async def test_a_file_whose_name_is_no_text_is_named_in_the_refusal(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.toml")).write_text("first = [[", "utf-8")
    async with World(ScriptedAgent, config={"scripted_agent": {"scripts": str(tmp_path)}}) as world:
        [quarantined] = world.happened(PluginQuarantined)
        assert "\\udcff.toml: is not TOML" in quarantined.detail


async def test_an_agent_whose_script_is_a_pipe_does_not_start_and_the_system_goes_on(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    async with World(ScriptedAgent, config={"scripted_agent": {"scripts": str(tmp_path)}}) as world:
        [quarantined] = world.happened(PluginQuarantined)
        assert "pipe.toml: is a pipe, socket or device, not a file" in quarantined.detail
