"""Results that come when their case has its answer already, or was given up: what they say, so that none is lost."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from ..errors import DmnBenchError
from ..hookspecs import KnownImage
from ..inputs.dicom_intake import Received
from .dicom_rules import DicomRules, ResultError

EARLIER_REQUESTS = 1000  # whose results are still recognised as such
DIFFERENCES_SHOWN = 3

LateKind = Literal["same", "other", "stray"]
"""A late result that says nothing new; one that says otherwise than the answer; one about nothing that was asked."""


class Late(NamedTuple):
    """One result that came late. ``request_id``: of what it is about, "" where that is unknown."""

    request_id: str
    kind: LateKind
    text: str


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """A request that is over. ``said``: the parts of its answer, None where it has none."""

    request_id: str
    known: Sequence[KnownImage]
    said: Mapping[str, str] | None

    @property
    def uids(self) -> frozenset[str]:
        """Of its study and of every instance that was sent."""
        return uids_of(self.known)


@dataclass(kw_only=True)
class EarlierRequests:
    """The latest requests, and which of them an object is about."""

    rules: DicomRules
    _kept: deque[Earlier] = field(default_factory=lambda: deque(maxlen=EARLIER_REQUESTS))

    def keep(self, request_id: str, known: Sequence[KnownImage], answer: Mapping[str, object] | None) -> None:
        """A request is over, with this answer or with none."""
        said = None if answer is None else dict(_parts(answer))
        self._kept.append(Earlier(request_id=request_id, known=tuple(known), said=said))

    def late(self, received: Received, named: Collection[str]) -> Late:
        """What an object is that no request waits for; ``named``: every UID that it refers to. Its file must exist."""
        what = f"{received.modality or 'object'} {received.sop_instance_uid} from {received.peer or 'the archive'}"
        uids = {received.study_instance_uid, *named}
        for earlier in reversed(self._kept):
            if uids & earlier.uids:
                kind, said = self._compared(received, earlier)
                return Late(earlier.request_id, kind, f"{what} is about an earlier request{said}")
        return Late("", "stray", f"{what} is about no image of this request")

    def _compared(self, received: Received, earlier: Earlier) -> tuple[LateKind, str]:
        from .dicom_answers import answer_from_objects

        if earlier.said is None:
            return "same", ", which was given up"
        try:
            answer = answer_from_objects([received.path], earlier.known, self.rules)
        except (ResultError, DmnBenchError) as error:
            return "other", f", which has its answer; alone it is none: {error}"
        unlike = [
            f"{part}: {earlier.said.get(part, 'nothing')}, now {said}"
            for part, said in _parts(answer)
            if earlier.said.get(part) != said
        ]
        if not unlike:
            return "same", " and says what its answer says"
        more = f" and {len(unlike) - DIFFERENCES_SHOWN} more" if len(unlike) > DIFFERENCES_SHOWN else ""
        return "other", f"; its answer says {'; '.join(unlike[:DIFFERENCES_SHOWN])}{more}"


def uids_of(known: Sequence[KnownImage]) -> frozenset[str]:
    """Of the study and of every instance of a request."""
    return frozenset(uid for image in known for uid in (image.sop_instance_uid, image.study_instance_uid))


def _parts(answer: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What an answer says, in parts that can be compared and shown."""
    for key, value in answer.items():
        if key == "findings" and isinstance(value, Mapping):
            for finding, said in value.items():
                yield f"{finding}", _text(said)
        else:
            yield key, _text(value)


def _text(value: object) -> str:
    """A value in few characters: a long one by its beginning and its hash."""
    import hashlib

    text = json.dumps(value, sort_keys=True, default=_plain)
    return text if len(text) <= 80 else f"{text[:40]}… ({hashlib.sha256(text.encode()).hexdigest()[:12]})"


def _plain(value: object) -> object:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)
