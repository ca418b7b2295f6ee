"""Steam's schema out of the installed `steam` package."""

from __future__ import annotations

import ast
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from plugins.steam_protocol import messages, schema, services, stubs
from plugins.steam_protocol.errors import SchemaError


def test_a_logon_can_carry_an_access_token_in_field_108() -> None:
    logon = messages.CMsgClientLogon(access_token="TOKEN")

    assert logon.DESCRIPTOR.fields_by_number[108].name == "access_token"
    assert logon.SerializeToString().hex() == "e20605" + b"TOKEN".hex()


def test_fields_that_steam_added_later_are_there() -> None:
    renewal = messages.CAuthentication_AccessToken_GenerateForApp_Request(renewal_type=1)
    device = messages.CAuthentication_DeviceDetails(machine_id=b"\x01")

    assert renewal.SerializeToString() == b"\x18\x01"
    assert device.SerializeToString() == b"\x32\x01\x01"


def test_a_service_method_is_found_by_its_job_name() -> None:
    method = services.service_method("Authentication.BeginAuthSessionViaCredentials#1")

    assert method.request_class is messages.CAuthentication_BeginAuthSessionViaCredentials_Request
    assert method.response_class is messages.CAuthentication_BeginAuthSessionViaCredentials_Response
    assert not method.is_notification


def test_an_acknowledgement_is_a_notification() -> None:
    assert services.ACK_MESSAGE.is_notification
    assert services.INCOMING_MESSAGE.is_notification


@pytest.mark.parametrize("name", ["Authentication.Nothing#1", "Nobody.Asks#1", "", "."])
def test_a_method_that_steam_does_not_have_is_named_in_the_error(name: str) -> None:
    with pytest.raises(SchemaError, match="no service method"):
        services.service_method(name)


def test_a_message_that_steam_does_not_have_is_named_in_the_error() -> None:
    with pytest.raises(SchemaError, match="CMsgNothing"):
        schema.message_class("CMsgNothing")


def test_the_checked_in_stubs_say_what_the_descriptors_say() -> None:
    checked_in = Path(messages.__file__).with_suffix(".pyi").read_text(encoding="utf-8")

    assert ast.dump(ast.parse(checked_in)) == ast.dump(ast.parse(stubs.stub())), (
        "messages.pyi is out of date; run `python -m plugins.steam_protocol.stubs`"
    )


def test_loading_the_schema_brings_in_no_network_client() -> None:
    script = (
        "import sys; from plugins.steam_protocol import eresult, frames, jwt, services, totp;"
        "print([n for n in ('requests', 'urllib3', 'asyncio', 'steam.guard', 'kernel') if n in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert printed.stdout.strip() == "[]"


def fake_steam(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put another package in the place that is imported as `steam`."""
    (folder / "steam").mkdir()
    (folder / "steam" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "steam", raising=False)
    monkeypatch.delitem(sys.modules, "steam.enums", raising=False)
    return folder / "steam"


def test_another_package_of_the_same_import_name_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_steam(tmp_path, monkeypatch)

    def absent(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    with pytest.raises(SchemaError, match=r"steamio.*install steam==1\.4\.4"):
        schema.pool.__wrapped__()


def test_a_generated_module_without_a_descriptor_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    protobufs = fake_steam(tmp_path, monkeypatch) / "protobufs"
    protobufs.mkdir()
    (protobufs / "steammessages_base_pb2.py").write_text("DESCRIPTOR = None\n")

    with pytest.raises(SchemaError, match=r"steammessages_base_pb2\.py"):
        schema.pool.__wrapped__()
