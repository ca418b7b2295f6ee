"""Python's types in TypeScript's words, and the text of interfaces, unions and constants made of them."""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
import types
import typing
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import pairwise
from typing import Any, Final

import msgspec

_PLAIN: Final[Mapping[object, str]] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
    object: "unknown",
    Decimal: "Decimal",
}


class Untranslatable(TypeError):
    """A type of the kernel has no counterpart here yet: teach `type_of` about it."""


def type_of(hint: Any) -> str:
    """The TypeScript type of what msgspec makes of `hint` in JSON. Raises Untranslatable."""
    if isinstance(hint, typing.NewType) or (isinstance(hint, type) and issubclass(hint, msgspec.Struct | Enum)):
        return hint.__name__
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return type_of(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " | ".join(dict.fromkeys(type_of(argument) for argument in arguments))
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return f"readonly {_element(arguments[0])}[]"
    if origin is list:
        return f"readonly {_element(arguments[0])}[]"
    if origin is dict and arguments[0] is str:
        return f"Readonly<Record<string, {type_of(arguments[1])}>>"
    raise Untranslatable(f"{hint!r}")


def _element(hint: Any) -> str:
    text = type_of(hint)
    return f"({text})" if "|" in text else text


def comment(text: str | None, indent: str = "") -> str:
    """A doc comment with `text`; empty without text."""
    if not text:
        return ""
    body = inspect.cleandoc(text)
    if "\n" not in body and len(body) + len(indent) < 112:
        return f"{indent}/** {body} */\n"
    lines = [f"{indent} * {line}".rstrip() for line in body.splitlines()]
    return "\n".join([f"{indent}/**", *lines, f"{indent} */"]) + "\n"


def interface(struct: type[msgspec.Struct], *, optional_defaults: bool = False) -> str:
    """The struct as an interface. With `optional_defaults`, what the kernel has a default for may be left out."""
    said = _field_comments(struct)
    config = struct.__struct_config__
    lines = [] if config.tag is None else [f"  readonly {config.tag_field}: {json.dumps(config.tag)}\n"]
    for field in msgspec.structs.fields(struct):
        mark = "?" if optional_defaults and not field.required else ""
        lines.append(comment(said.get(field.name), "  "))
        lines.append(f"  readonly {field.encode_name}{mark}: {type_of(field.type)}\n")
    if not lines:
        return f"{comment(struct.__doc__)}export type {struct.__name__} = Readonly<Record<string, never>>\n"
    return f"{comment(struct.__doc__)}export interface {struct.__name__} {{\n{''.join(lines)}}}\n"


def enumeration(enum: type[Enum]) -> str:
    """The enum as a union of its wire values, and a constant that lists them in order."""
    about = enum.__doc__ if enum.__doc__ != "An enumeration." else None
    return literals(enum.__name__, [member.value for member in enum], about)


def literals(name: str, members: Iterable[str], about: str | None) -> str:
    """A union of these strings, and a constant that lists them in order."""
    values = [json.dumps(member) for member in members]
    return (
        f"{comment(about)}export type {name} = {' | '.join(values)}\n"
        f"export const {_plural(_screaming(name))}: readonly {name}[] = [{', '.join(values)}]\n"
    )


def constant(name: str, value: object, annotation: str | None = None) -> str:
    """A constant with a value that JSON can hold; a list of many has a line for each."""
    typed = f": {annotation}" if annotation else ""
    text = json.dumps(value, ensure_ascii=False)
    if isinstance(value, list) and len(text) > 80:
        text = json.dumps(value, ensure_ascii=False, indent=2)
    return f"export const {name}{typed} = {text}\n"


def table(name: str, rows: Mapping[str, str]) -> str:
    """An interface from each key to the type of that name."""
    body = "".join(f"  readonly {key if key.isidentifier() else json.dumps(key)}: {to}\n" for key, to in rows.items())
    return f"export interface {name} {{\n{body}}}\n"


def union(name: str, members: Iterable[str]) -> str:
    """A type of these strings."""
    return f"export type {name} = {' | '.join(json.dumps(member) for member in members)}\n"


def imports(text: str, places: Mapping[str, str], module: str) -> str:
    """The import lines that `text` needs: `places` says which module has a name."""
    code = re.sub(r"/\*\*.*?\*/", "", text, flags=re.DOTALL)
    needed: dict[str, set[str]] = {}
    for word in set(re.findall(r"\b[A-Z][A-Za-z0-9]*\b", re.sub(r'"[^"]*"', "", code))):
        place = places.get(word)
        if place is not None and place != module:
            needed.setdefault(place, set()).add(word)
    lines = [
        f'import type {{ {", ".join(sorted(names))} }} from "./{place}"' for place, names in sorted(needed.items())
    ]
    return "\n".join(lines) + "\n\n" if lines else ""


def paragraphs(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part)


def _screaming(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def _plural(name: str) -> str:
    if name.endswith("Y"):
        return name[:-1] + "IES"
    return name + ("ES" if name.endswith("S") else "S")


@cache
def _class_bodies(module: types.ModuleType) -> dict[str, list[ast.stmt]]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(module)))
    return {node.name: node.body for node in tree.body if isinstance(node, ast.ClassDef)}


def _field_comments(struct: type) -> dict[str, str]:
    """The sentence that stands below a field in its class: Python keeps it in the source only."""
    module = inspect.getmodule(struct)
    body = _class_bodies(module).get(struct.__name__, []) if module else []
    said = {}
    for field, after in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        ):
            said[field.target.id] = after.value.value
    return said
