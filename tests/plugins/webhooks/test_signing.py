"""The signature is that of Standard Webhooks: anybody's library for it can check ours."""

from __future__ import annotations

import argparse
import base64
import stat
from pathlib import Path

import pytest

from kernel.kept_secrets import SecretUnreadable
from kernel.redaction import redacted
from plugins.webhooks import Webhooks
from plugins.webhooks.secrets_file import FILE, SecretsFile
from plugins.webhooks.signing import key_of, new_secret, signature

HOUR = 3_600_000


def test_it_is_the_one_of_the_specifications_own_example() -> None:
    """The vector that the specification's reference libraries are tested with."""
    secret, message_id, body = (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
    )

    assert signature([secret], message_id, 1614265330, body) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_changed_each_of_the_two_has_a_signature() -> None:
    old, new = new_secret(), new_secret()

    both = signature([new, old], "msg_1", 5, b"{}")

    assert both.split(" ") == [signature([new], "msg_1", 5, b"{}"), signature([old], "msg_1", 5, b"{}")]
    assert len(key_of(new)) == 32 and new not in redacted(f"signed with {new}")


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_short", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_ü", "whsec_" + "A" * 200]
)
def test_what_is_no_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_ and 24 to 64 bytes") as refused:
        key_of(secret)
    assert len(secret) < 7 or secret not in str(refused.value)


def command(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    Webhooks.cli(parser.add_subparsers())
    options = parser.parse_args(arguments)
    status: int = options.run(options)
    return status


def test_the_command_line_makes_a_secret_shows_it_once_and_keeps_the_old_one_for_a_while(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(["webhooks", "secret", "--data", str(tmp_path), "crm"]) == 0
    first = capsys.readouterr().out.strip()
    assert command(["webhooks", "secret", "--data", str(tmp_path), "crm"]) == 0
    second = capsys.readouterr().out.strip()
    file = tmp_path / "webhooks" / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    kept = SecretsFile(file.parent).read()["crm"]
    assert kept.in_use(kept.previous_until - 1) == (second, first)
    assert kept.in_use(kept.previous_until) == (second,)
    assert first not in repr(kept) and second not in repr(kept)

    assert command(["webhooks", "secret", "--data", str(tmp_path), "--keep-hours", "0", "crm"]) == 0
    third = capsys.readouterr().out.strip()
    assert SecretsFile(file.parent).read()["crm"].in_use(0) == (third,)
    assert base64.b64decode(third.removeprefix("whsec_"))


def test_a_file_that_others_may_read_or_that_is_damaged_gives_no_secret(tmp_path: Path) -> None:
    secrets = SecretsFile(tmp_path)
    made = secrets.renew("crm", 0, HOUR)
    secrets.path.chmod(0o640)
    with pytest.raises(SecretUnreadable, match="chmod 600"):
        secrets.read()
    secrets.path.chmod(0o600)
    secrets.path.write_text(secrets.path.read_text().replace("whsec_", "whsec-"))
    with pytest.raises(SecretUnreadable, match="damaged") as damaged:
        secrets.read()
    assert made.removeprefix("whsec_") not in str(damaged.value)
