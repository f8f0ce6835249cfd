"""The vendor's name of a case, and the cases (and image) of the set that it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, NamedTuple, get_args

from ..hookspecs import CaseKeys

IdKind = Literal["case_id", "sop_instance_uid", "study_instance_uid", "accession_number", "file_name", "source_file"]
ID_KINDS: tuple[IdKind, ...] = get_args(IdKind)
OF_A_STUDY = ("study_instance_uid", "accession_number")  # an answer for the study is the answer of each of its cases


class Named(NamedTuple):
    """What one id names: a case, and the image of it where the id is an image's."""

    case_id: str
    image: str | None


@dataclass(frozen=True, kw_only=True)
class IdRule:
    """How the vendor writes ids. ``pad``: zeros are put in front up to this length. ``strip_suffix``: cut off first."""

    column: str | None = None
    kind: IdKind = "case_id"
    pad: int = 0
    strip_suffix: str = ""

    def normal(self, text: str) -> str:
        """An id of the file as the index has it.

        >>> IdRule(pad=5, strip_suffix=".png").normal("84.png")
        '00084'
        """
        return text.removesuffix(self.strip_suffix).zfill(self.pad)


class Index:
    """Ids of one kind -> what they name. ``ambiguous`` ids name several cases where they should name one."""

    def __init__(self, cases: Sequence[CaseKeys], kind: IdKind) -> None:
        self._named: dict[str, tuple[Named, ...]] = {}
        for keys in cases:
            for text, image in _ids(keys, kind):
                named, known = Named(keys.case.case_id, image), self._named.get(text, ())
                if named not in known:
                    self._named[text] = (*known, named)
        self._one_case = kind not in OF_A_STUDY

    def find(self, text: str) -> Sequence[Named]:
        """Everything the id names, () when nothing."""
        return self._named.get(text, ())

    def is_ambiguous(self, text: str) -> bool:
        """Whether the id names several cases and must not."""
        found = self.find(text)
        return self._one_case and len(found) > 1 and len({named.case_id for named in found}) > 1


def kind_that_knows(texts: Iterable[str], cases: Sequence[CaseKeys], rule: IdRule) -> tuple[IdKind, int] | None:
    """Of the other kinds of ids the one that most of these are of, with their number; None where no id is of any."""
    asked = [rule.normal(text) for text in texts]
    known = {kind: Index(cases, kind) for kind in ID_KINDS if kind != rule.kind}
    counts = {kind: sum(bool(index.find(text)) for text in asked) for kind, index in known.items()}
    best = max(counts, key=counts.__getitem__)
    return (best, counts[best]) if counts[best] else None


def image_of(keys: CaseKeys, text: str) -> str | None:
    """The image of a case that a path, file name, file stem or SOP Instance UID names; None when none of its own."""
    found = {path for name, path in _file_names(keys.case.files) if name == text}
    found |= {path for name, path in _source_names(keys) if path and name == text}
    if text in keys.sop_instance_uids:
        found = {keys.sop_instance_uids[text]}
    return found.pop() if len(found) == 1 else None


def _ids(keys: CaseKeys, kind: IdKind) -> Iterator[tuple[str, str | None]]:
    if kind == "case_id":
        yield keys.case.case_id, None
    elif kind == "sop_instance_uid":
        yield from keys.sop_instance_uids.items()
    elif kind == "study_instance_uid":
        yield from ((uid, None) for uid in keys.study_instance_uids)
    elif kind == "accession_number":
        yield from ((number, None) for number in keys.accession_numbers)
    elif kind == "source_file":
        yield from ((name, path or None) for name, path in _source_names(keys))
    else:
        yield from _file_names(keys.case.files)


def _source_names(keys: CaseKeys) -> Iterator[tuple[str, str]]:
    """The hospital's file by its path, its name, and its name without extension, which the folder of a series has not.

    With the file of the set that it became, "" of a series.
    """
    for source, path in (keys.source_files or {}).items():
        of = PurePosixPath(source)
        for name in dict.fromkeys((source, of.name, of.stem) if path else (source, of.name)):
            yield name, path


def _file_names(files: Sequence[str]) -> Iterator[tuple[str, str]]:
    """A file by its path, its name, and its name without extension."""
    for file in files:
        path = PurePosixPath(file)
        for name in dict.fromkeys((file, path.name, path.stem)):
            yield name, file


def id_rule(options: Mapping[str, object]) -> IdRule | None:
    """The rule of ``id: {column, is, pad, strip_suffix}``; None when an option is unknown or of the wrong kind."""
    kind = options.get("is", "case_id")
    column, pad, suffix = options.get("column"), options.get("pad", 0), options.get("strip_suffix", "")
    if not set(options) <= {"column", "is", "pad", "strip_suffix"} or kind not in ID_KINDS:
        return None
    if not isinstance(pad, int) or isinstance(pad, bool) or not 0 <= pad <= 64 or not isinstance(suffix, str):
        return None
    if column is not None and not isinstance(column, str):
        return None
    return IdRule(column=column, kind=kind, pad=pad, strip_suffix=suffix)
