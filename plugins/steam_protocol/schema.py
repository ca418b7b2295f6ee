"""Steam's protobuf schema: the descriptors that ship inside the PyPI package `steam`, in a pool of our own.

`steam` 1.4.4 carries the schema of today's sign-in, friends and chat, but as generated modules that only
run on the protobuf of 2022. The serialized descriptors inside those modules load into any current protobuf,
which is also 7 to 25 times faster. So the modules are read as text and never imported: importing them would
fail, and importing anything else of `steam` would bring in `requests`. The pool is private because the
default one is shared by the whole process, and another package may have its own file of the same name.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import FieldDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from plugins.steam_protocol.errors import SchemaError

DISTRIBUTION = "steam"

FILES = (
    "steammessages_base.proto",
    "steammessages_clientserver.proto",
    "steammessages_clientserver_2.proto",
    "steammessages_clientserver_login.proto",
    "steammessages_clientserver_friends.proto",
    "steammessages_auth.proto",
    "steammessages_friendmessages.proto",
    "steammessages_player.proto",
)


class _Patch(NamedTuple):
    """A field that Steam added after `steam` 1.4.4 was generated; an enum is the int32 that it is sent as."""

    number: int
    name: str
    type: int
    repeated: bool = False


# Differences to SteamDatabase/Protobufs as of 2026-05-04, for the messages that we build or read.
_PATCHES: Mapping[str, tuple[_Patch, ...]] = {
    "CAuthentication_AccessToken_GenerateForApp_Request": (_Patch(3, "renewal_type", FieldDescriptor.TYPE_INT32),),
    "CAuthentication_AccessToken_GenerateForApp_Response": (_Patch(2, "refresh_token", FieldDescriptor.TYPE_STRING),),
    "CAuthentication_BeginAuthSessionViaCredentials_Request": (
        _Patch(11, "language", FieldDescriptor.TYPE_UINT32),
        _Patch(12, "qos_level", FieldDescriptor.TYPE_INT32),
    ),
    "CAuthentication_BeginAuthSessionViaCredentials_Response": (
        _Patch(7, "agreement_session_url", FieldDescriptor.TYPE_STRING),
        _Patch(8, "extended_error_message", FieldDescriptor.TYPE_STRING),
    ),
    "CAuthentication_BeginAuthSessionViaQR_Request": (_Patch(4, "website_id", FieldDescriptor.TYPE_STRING),),
    "CAuthentication_DeviceDetails": (
        _Patch(5, "client_count", FieldDescriptor.TYPE_UINT32),
        _Patch(6, "machine_id", FieldDescriptor.TYPE_BYTES),
        _Patch(7, "app_type", FieldDescriptor.TYPE_INT32),
    ),
    "CAuthentication_PollAuthSessionStatus_Response": (
        _Patch(8, "agreement_session_url", FieldDescriptor.TYPE_STRING),
    ),
    "CAuthentication_UpdateAuthSessionWithSteamGuardCode_Response": (
        _Patch(7, "agreement_session_url", FieldDescriptor.TYPE_STRING),
    ),
    "CMsgClientLogon": (
        _Patch(109, "is_chrome_os", FieldDescriptor.TYPE_BOOL),
        _Patch(111, "gaming_device_type", FieldDescriptor.TYPE_UINT32),
    ),
    "CMsgClientLogonResponse": (
        _Patch(16, "user_country", FieldDescriptor.TYPE_STRING),
        _Patch(31, "family_group_id", FieldDescriptor.TYPE_UINT64),
    ),
    "CFriendsMessages_GetActiveMessageSessions_Response.FriendMessageSession": (
        _Patch(5, "notices", FieldDescriptor.TYPE_INT32, repeated=True),
    ),
}


@cache
def pool() -> DescriptorPool:
    """The private pool with all of `FILES`; built once (about 50 ms) and checked.

    Raises `SchemaError` where `steam` is missing, or is another distribution of that import name (steamio).
    """
    folder = _folder()
    built = DescriptorPool()
    descriptor_pb2.DESCRIPTOR.CopyToProto(own := descriptor_pb2.FileDescriptorProto())
    built.AddSerializedFile(own.SerializeToString())
    done = {own.name}
    for name in FILES:
        _add(built, folder, name, done)
    _check(built)
    return built


@cache
def message_class(name: str) -> type[Message]:
    """The class of a message by its name in Steam's schema, nested ones with a dot: `CMsgClientLogon`."""
    try:
        return GetMessageClass(pool().FindMessageTypeByName(name))
    except KeyError:
        raise SchemaError(f"the descriptors of {_version()} have no message {name}") from None


def service_classes(job_name: str) -> tuple[type[Message], type[Message]]:
    """Request and response class of a method by its job name: `Authentication.PollAuthSessionStatus#1`."""
    interface, _, method = job_name.partition("#")[0].partition(".")
    try:
        service: ServiceDescriptor = pool().FindServiceByName(interface)
        found = service.methods_by_name[method]
    except KeyError:
        raise SchemaError(f"the descriptors of {_version()} have no service method {job_name}") from None
    return GetMessageClass(found.input_type), GetMessageClass(found.output_type)


def _folder() -> Path:
    spec = importlib.util.find_spec("steam")
    if spec is None or not spec.submodule_search_locations:
        raise SchemaError(f"the Python package `steam` is not installed; install {DISTRIBUTION}==1.4.4")
    folder = Path(next(iter(spec.submodule_search_locations))) / "protobufs"
    if not (folder / "steammessages_base_pb2.py").is_file():
        raise SchemaError(f"{_version()} has no Steam descriptors; install {DISTRIBUTION}==1.4.4 in its place")
    return folder


def _version() -> str:
    try:
        return f"{DISTRIBUTION} {importlib.metadata.version(DISTRIBUTION)}"
    except importlib.metadata.PackageNotFoundError:
        return "the package that is imported as `steam` (another distribution, such as steamio)"


def _add(built: DescriptorPool, folder: Path, name: str, done: set[str]) -> None:
    """Add one file and, before it, all that it depends on."""
    if name in done:
        return
    done.add(name)
    file = _read(folder / f"{name.removesuffix('.proto')}_pb2.py")
    for dependency in file.dependency:
        _add(built, folder, dependency, done)
    for message in file.message_type:
        _patch(message, message.name)
    built.AddSerializedFile(file.SerializeToString())


def _read(path: Path) -> descriptor_pb2.FileDescriptorProto:
    """The file descriptor inside a generated module: found by its line, read as a literal, never executed."""
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            key, found, literal = line.strip().partition("serialized_pb=")
            if found and not key:
                return descriptor_pb2.FileDescriptorProto.FromString(ast.literal_eval(literal.rstrip(",")))
    except (OSError, ValueError, SyntaxError) as error:
        raise SchemaError(f"cannot read {path.name} of {_version()}: {error}") from error
    raise SchemaError(f"{path.name} of {_version()} carries no descriptor; install {DISTRIBUTION}==1.4.4")


def _patch(message: descriptor_pb2.DescriptorProto, full_name: str) -> None:
    known = {field.number for field in message.field}
    for patch in _PATCHES.get(full_name, ()):
        if patch.number not in known:
            message.field.add(
                name=patch.name,
                number=patch.number,
                type=descriptor_pb2.FieldDescriptorProto.Type.ValueType(patch.type),
                label=(
                    descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED
                    if patch.repeated
                    else descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL
                ),
            )
    for nested in message.nested_type:
        _patch(nested, f"{full_name}.{nested.name}")


def _check(built: DescriptorPool) -> None:
    """Fail at start, and in words, where the schema cannot carry a sign-in by token."""
    logon = built.FindMessageTypeByName("CMsgClientLogon")
    access_token = logon.fields_by_number.get(108)
    if access_token is None or access_token.name != "access_token":
        raise SchemaError(
            f"{_version()} knows no CMsgClientLogon.access_token (field 108): too old, install steam==1.4.4"
        )
    for full_name, patches in _PATCHES.items():
        fields = built.FindMessageTypeByName(full_name).fields_by_number
        for patch in patches:
            if fields[patch.number].name != patch.name:
                raise SchemaError(f"{full_name} field {patch.number} of {_version()} is not {patch.name}")
