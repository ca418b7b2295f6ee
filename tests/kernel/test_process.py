"""What the process asks of its machine."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

from kernel.__main__ import allow_many_files, allow_no_core


@pytest.fixture
def a_shells_limit() -> Iterator[int]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1_024, before[1]), before[1]))
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_shells_limit_of_open_files_does_not_keep_bots_off(a_shells_limit: int) -> None:
    allow_many_files()

    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == a_shells_limit


@pytest.fixture
def a_limit_of_cores() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


def test_a_process_that_holds_secrets_leaves_no_core_file(
    a_limit_of_cores: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_no_core()

    assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0
