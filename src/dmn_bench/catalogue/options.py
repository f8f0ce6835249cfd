"""Options of a part: the values of a YAML turned into the fields of its dataclass, with every problem found."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
import sys
import types
import typing
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from .. import vocabulary
from ..errors import DmnBenchError, ExtensionError, Fact, Problem
from ..files import unknown_name

_SHOWN_CHARACTERS = 60
_FORMS: Mapping[object, str] = {
    **{None: "@nothing", type(None): "@nothing", bool: "@yes_or_no", int: "@whole_number", float: "@number"},
    **{
        str: "@text",
        Path: "@path",
        Any: "@any",
        object: "@any",
        Mapping: "@mapping⟨@any → @any⟩",
        dict: "@mapping⟨@any → @any⟩",
    },
}
_WRONG = object()  # the value of an option that has a problem
_NAMES = {  # what authors often import for type checking alone
    **{name: vars(typing)[name] for name in ("Any", "Literal", "Optional", "Union", "Annotated", "ClassVar")},
    **{kind.__name__: kind for kind in (Iterable, Mapping, Sequence, Set, Path)},
    **{name: value for name, value in vars(vocabulary).items() if not name.startswith("_")},
}


class OptionError(Exception):
    """Every problem of the options of one part."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = tuple(problems)


def build(cls: type, options: Mapping[str, object], *, where: str = "", facts: Mapping[str, Fact]) -> object:
    """An instance of ``cls`` with these options; ``facts`` (``kind``, ``name``, ``provider``) go into every problem.

    Fields may be numbers, text, booleans, ``Literal``, ``Enum``, ``Path``, unions, sequences, mappings and further
    dataclasses. A whole number is accepted where a float is asked for; nothing else is converted, and infinity and NaN
    are refused. A class that is no dataclass takes no options.

    Raises OptionError with all problems of the options; ExtensionError if the types of the fields cannot be resolved.
    """
    reader = _Reader(where=where, facts=facts)
    built = reader.instance(cls, options, path="")
    if reader.problems:
        raise OptionError(reader.problems)
    return built


def notation(annotation: object) -> str:
    """The values a type stands for, in marks that ``wordings.forms`` puts into words.

    >>> notation(float | None), notation(tuple[str, ...]), notation(Literal["any", "worst"])
    ('@number @or @nothing', '@list⟨@text⟩', '"any" @or "worst"')
    >>> notation(Mapping[str, int])
    '@mapping⟨@text → @whole_number⟩'
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return notation(arguments[0])
    if origin is None and annotation in _FORMS:
        return _FORMS[annotation]
    if origin is Literal:
        return _choices(arguments)
    if _is_union(origin):
        return " @or ".join(notation(choice) for choice in arguments)
    if origin is not None:
        return _notation_of_container(origin, arguments)
    return _notation_of_class(annotation)


def _notation_of_container(origin: object, arguments: Sequence[object]) -> str:
    inner = [notation(item) for item in arguments if item is not Ellipsis]
    return f"@mapping⟨{' → '.join(inner)}⟩" if _is_kind(origin, Mapping) else f"@list⟨{', '.join(inner)}⟩"


def _notation_of_class(annotation: object) -> str:
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        return f"@fields⟨{', '.join(field.name for field in dataclasses.fields(annotation))}⟩"
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return _choices([choice.value for choice in annotation])
    return getattr(annotation, "__name__", str(annotation))


def _choices(values: Sequence[object]) -> str:
    return " @or ".join(json.dumps(value, ensure_ascii=False) for value in values)


def shown(value: object) -> str:
    """A value as JSON, cut after 60 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


class _Reader:
    """Reads options into types and keeps the problems met on the way."""

    def __init__(self, *, where: str, facts: Mapping[str, Fact]) -> None:
        self.where = where
        self.facts = facts
        self.problems: list[Problem] = []

    def instance(self, cls: type, options: Mapping[str, object], path: str) -> object:
        """A dataclass made from its options, or ``_WRONG``."""
        types_by_name = _field_types(cls, self.facts)
        before = len(self.problems)
        for name in options:
            if name not in types_by_name:
                problem = unknown_name("catalogue.unknown_option", str(name), types_by_name, self.where)
                self._report(problem.key, **problem.facts, option=path + str(name))
        for name in _required(cls):
            if name not in options:
                self._report("catalogue.missing_option", option=path + name, expected=notation(types_by_name[name]))
        values = {
            name: self.convert(options[name], annotation, path + name)
            for name, annotation in types_by_name.items()
            if name in options
        }
        return _WRONG if len(self.problems) > before else self._call(cls, values, path)

    def convert(self, value: object, annotation: Any, path: str) -> object:
        """A value as its type asks for it, or ``_WRONG`` and a problem."""
        origin, arguments = get_origin(annotation), get_args(annotation)
        if annotation is Any or annotation is object:
            return value
        if origin is Annotated:
            return self.convert(value, arguments[0], path)
        if _is_union(origin):
            return self._one_of(value, arguments, path)
        if _is_kind(origin or annotation, Mapping):
            return self._mapping(value, annotation, path)
        if _is_kind(origin or annotation, Iterable) and annotation is not str and not _is_enum(annotation):
            return self._sequence(value, annotation, path)
        if isinstance(annotation, type) and dataclasses.is_dataclass(annotation) and isinstance(value, Mapping):
            return self.instance(annotation, value, path + ".")
        converted = _scalar(value, annotation)
        return self._wrong_type(value, annotation, path) if converted is _WRONG else converted

    def _one_of(self, value: object, choices: Sequence[Any], path: str) -> object:
        attempts = []
        for choice in choices:
            attempt = _Reader(where=self.where, facts=self.facts)
            converted = attempt.convert(value, choice, path)
            if not attempt.problems:
                return converted
            if isinstance(value, Mapping) == _takes_mapping(choice):
                attempts.append(attempt.problems)
        if len(attempts) == 1 and isinstance(value, Mapping):  # one shape was meant: say what is wrong inside
            self.problems.extend(attempts[0])
            return _WRONG
        return self._wrong_type(value, Union[tuple(choices)], path)  # noqa: UP007 - built at run time

    def _mapping(self, value: object, annotation: Any, path: str) -> object:
        if not isinstance(value, Mapping):
            return self._wrong_type(value, annotation, path)
        key_type, item_type = get_args(annotation) or (object, object)
        return {
            self.convert(key, key_type, f"{path}.{key}"): self.convert(item, item_type, f"{path}.{key}")
            for key, item in value.items()
        }

    def _sequence(self, value: object, annotation: Any, path: str) -> object:
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, (Sequence, Set)):
            return self._wrong_type(value, annotation, path)
        origin, arguments = get_origin(annotation) or annotation, get_args(annotation) or (object, ...)
        if origin is tuple and arguments[-1] is not Ellipsis:
            if len(arguments) != len(value):
                return self._wrong_type(value, annotation, path)
            item_types: Sequence[Any] = arguments
        else:
            item_types = [arguments[0]] * len(value)
        pairs = enumerate(zip(value, item_types, strict=True))
        items = [self.convert(item, item_type, f"{path}[{index}]") for index, (item, item_type) in pairs]
        if origin is list:
            return items
        return frozenset(items) if _is_kind(origin, Set) else tuple(items)

    def _call(self, cls: type, values: Mapping[str, object], path: str) -> object:
        try:
            return cls(**values)
        except DmnBenchError as error:
            self.problems.extend(error.problems)
        except ValueError as error:
            self._report("catalogue.option_value", option=path.rstrip(".") or "-", reason=str(error))
        return _WRONG

    def _wrong_type(self, value: object, annotation: Any, path: str) -> object:
        self._report("catalogue.option_type", option=path, expected=notation(annotation), found=shown(value))
        return _WRONG

    def _report(self, key: str, **facts: Fact) -> None:
        self.problems.append(Problem(key=key, where=self.where, facts={**self.facts, **facts}))


def _scalar(value: object, annotation: Any) -> object:
    if get_origin(annotation) is Literal:
        choices = [choice for choice in get_args(annotation) if choice == value and type(choice) is type(value)]
        return choices[0] if choices else _WRONG
    if annotation is None or annotation is type(None):
        return None if value is None else _WRONG
    if annotation is float:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        return float(value) if is_number else _WRONG  # type: ignore[arg-type]
    if annotation is int:
        return value if isinstance(value, int) and not isinstance(value, bool) else _WRONG
    if annotation is Path and isinstance(value, str):
        return Path(value)
    if _is_enum(annotation):
        return next((choice for choice in annotation if choice.value == value), _WRONG)
    return value if isinstance(annotation, type) and isinstance(value, annotation) else _WRONG


def _field_types(cls: type, facts: Mapping[str, Fact]) -> dict[str, Any]:
    if not dataclasses.is_dataclass(cls):
        return {}
    own_names = vars(sys.modules[cls.__module__])
    try:
        hints = typing.get_type_hints(cls, localns={**_NAMES, **own_names}, include_extras=True)
    except NameError as error:
        problem = Problem(key="catalogue.unresolved_type", where=cls.__module__, facts={**facts, "found": str(error)})
        raise ExtensionError(problem) from error
    return {field.name: hints[field.name] for field in dataclasses.fields(cls) if field.init}


def _required(cls: type) -> tuple[str, ...]:
    if not dataclasses.is_dataclass(cls):
        return ()
    return tuple(
        field.name
        for field in dataclasses.fields(cls)
        if field.init and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    )


def _takes_mapping(annotation: Any) -> bool:
    return dataclasses.is_dataclass(annotation) or _is_kind(get_origin(annotation) or annotation, Mapping)


def _is_union(origin: object) -> bool:
    return origin is Union or origin is types.UnionType


def _is_kind(origin: object, kind: type) -> bool:
    return isinstance(origin, type) and issubclass(origin, kind)


def _is_enum(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, enum.Enum)
