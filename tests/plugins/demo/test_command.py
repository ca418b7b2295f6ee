"""What the demo keeps of its first start, and what it says where that is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.errors import PluginFailed
from plugins.demo.command import _ports


def test_the_ports_of_the_first_start_are_kept_also_behind_an_editors_mark(tmp_path: Path) -> None:
    file = tmp_path / "ports.toml"
    first = _ports(file, 8040)
    assert len(set(first.values())) == 5
    assert _ports(file, 8040) == first
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())

    assert _ports(file, 8040) == first


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it lacks cm, directory, socks, http_proxy"),
        (b"cm = 1\ndirectory = 2\nsocks = 3\n", "it lacks http_proxy"),
        (b"cm = 'one'\ndirectory = 2\nsocks = 3\nhttp_proxy = 4\n", "Expected `int`"),
        (b"cm = 70000\ndirectory = 2\nsocks = 3\nhttp_proxy = 4\n", "<= 65535"),
        (b"cm = ", "is not TOML"),
        (b"\xff\xfec\0", "is UTF-16"),
    ],
)
def test_a_file_of_ports_that_was_emptied_or_damaged_is_said_in_a_sentence_and_not_replaced(
    content: bytes, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "ports.toml"
    file.write_bytes(content)

    with pytest.raises(PluginFailed) as failed:
        _ports(file, 0)
    assert says in str(failed.value)
    assert "Take another --data, or remove" in str(failed.value)
    assert file.read_bytes() == content
