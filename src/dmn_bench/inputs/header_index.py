"""What the headers of a verified set's files say, each file opened once: kept beside the set, checked by hash."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Self

from ..errors import InputFileError
from ..files import sha256_of_json
from ..hookspecs import CaseKeys, KnownImage, Reader, VoxelGrid
from ..reference_set.lesion_spacings import SpacingOf
from ..vocabulary import Case
from .dicom_image import DicomImageReader
from .file_headers import INDEXED, FileHeader, header_from_json, headers_apart, headers_here
from .header_store import HeaderStore
from .image_spacings import spacings
from .requests import KEY_KEYWORDS, READERS_BY_FORM, case_keys, file_path, find_reader, keys_of_headers
from .voxel_grids import case_grid

INDEX = ".dmn-bench/headers.sqlite"
INDEX_FORMAT = "dmn-bench/headers/1"
KEPT_FROM = 500
"""Sets with fewer files to read than this leave no index behind: reading them again takes no time."""
APART_FROM = 4_000
"""From this many files on they are read by processes of their own: starting them takes as long as 1,000 headers."""
LOOKED_AT_AGAIN = 32  # entries of an index that are compared with their files, each time it is used

OnHeaders = Callable[[int, int], None]
"""Told now and then how many files of how many have been opened for their headers."""

_DICOM = READERS_BY_FORM["dicom"]


class HeaderIndex:
    """The headers of the files of one set.

    Only files in ``verified`` (path -> sha256 of every file that was hashed in this run and found to be what the lock
    says) are looked up, and an entry holds only for the sha256, the keywords, and the readers (their source, options
    and packages) that it was made with: so what the index says is what opening the file now would say. Everything
    else, and every file whose header cannot be read, is opened when it is asked for, with the errors of
    ``requests``. The index lies in a hidden folder of the set, which the lock leaves out; where that cannot be
    written, a private temporary one serves this run. What is damaged, foreign or wrong in it is thrown away.

    Nothing in it is secret from, or proof against, somebody who may write to the folder of the set; some entries,
    drawn anew each time, are compared with their files, and one that differs discredits all.
    """

    def __init__(
        self,
        root: Path,
        readers: Sequence[Reader],
        verified: Mapping[str, str],
        *,
        keywords: Collection[str] = (),
        on_headers: OnHeaders | None = None,
    ) -> None:
        self._root, self._readers, self._verified = root, readers, verified
        self._keywords = tuple(sorted({*KEY_KEYWORDS, *keywords}))
        self._on_headers = on_headers
        self._others = [reader for reader in readers if reader not in INDEXED]
        # a reader with other options, or one missing, might see another format in a file
        self._is_used = bool(verified) and len(readers) - len(self._others) == len(INDEXED)
        self._made_by = sha256_of_json([INDEX_FORMAT, self._keywords, *_identity()]) if self._is_used else ""
        self._store = HeaderStore(root / INDEX if self._is_used else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def header_of_case(self, files: Sequence[str]) -> Mapping[str, str]:
        """Attributes of a case's first file, for the keywords asked for. ``files``: not empty.

        Raises InputFileError if it cannot be read.
        """
        found = self._entries(files[0], first_only=True)
        if found is None:
            path = file_path(files[0], self._root)
            return find_reader(path, self._readers).header(path)
        return found[0].header

    def keys_of_case(self, case: Case) -> CaseKeys:
        """Every name of a case, as ``requests.case_keys`` gives them. Raises ReferenceSetError as that does."""
        found = {written: self._entries(written, first_only=False) for written in case.files}
        if None in found.values():
            return case_keys(case, self._root, self._readers)
        headers = [(written, each.header) for written, entries in found.items() for each in entries or ()]
        return keys_of_headers(case, headers)

    def grid_of_case(self, case: Case, image: str | None = None) -> VoxelGrid:
        """The voxels of a case, or of one of its images; opened anew each time. Raises InputFileError without any."""
        return case_grid(case, self._root, self._readers, image)

    @property
    def readers(self) -> Sequence[Reader]:
        """Those that open the files."""
        return self._readers

    @property
    def spacing_of(self) -> SpacingOf:
        """How far pixels of an image are apart; each image is opened once."""
        return spacings(self._root, self._readers)

    def keys_of_cases(self, cases: Sequence[Case]) -> tuple[CaseKeys, ...]:
        """The names of every case, looked up when somebody looks at them: before that no file is opened.

        A case with a file whose header cannot be read has its own id alone, for a vendor may have read it.
        """
        everyone = _Everyone(self, cases)
        return tuple(KeysOnDemand(case, everyone) for case in cases)

    def fill(self, cases: Iterable[Sequence[str]], *, first_only: bool) -> None:
        """Read what is missing of these cases' files, many at once. ``first_only``: the file that strata come from.

        A file that cannot be read is left out: whoever asks for it later will hear why.
        """
        if not self._is_used:
            return
        names: dict[str, None] = {}
        for files in cases:
            for written in files[:1] if first_only else files:
                listed = self._listed(written) or ()
                names.update(dict.fromkeys(listed[:1] if first_only else listed))
        missing = [name for name in names if self._kept(name) is None]
        if not self._store.is_open:  # nothing was kept, or it turned out to be damaged
            missing = list(names)
        if len(missing) < len(names) and not self._sample_holds([*names.keys() - set(missing)]):
            self._store.close()
            missing = list(names)
        if missing:
            self._read(missing)

    def _read(self, names: Sequence[str]) -> None:
        self._store.begin(is_kept=len(names) >= KEPT_FROM, paths=self._verified)
        done = 0
        reading = headers_apart if len(names) >= APART_FROM else headers_here
        with contextlib.closing(reading(self._root, names, self._keywords)) as found:
            try:
                for batch in found:
                    done += len(batch)
                    rows = [(name, *self._sealed(name, each)) for name, each in batch if each is not None]
                    self._store.add(rows)
                    if self._on_headers is not None:
                        self._on_headers(min(done, len(names)), len(names))
            finally:  # what was read before Ctrl-C serves the next run
                self._store.publish()

    def _entries(self, written: str, *, first_only: bool) -> Sequence[FileHeader] | None:
        """What is known of one entry of ``Case.files``, never empty; None: its files have to be opened."""
        names = self._listed(written)
        if names is None or any(reader.recognises(self._root / written) for reader in self._others):
            return None
        entries = []
        for name in names[:1] if first_only else names:
            entry = self._kept(name)
            if entry is None:
                return None
            entries.append(entry)
        if names != (written,):  # a series: its images, the first of which gives the attributes
            kinds = _DICOM if first_only else (DicomImageReader.name,)
            entries = [entry for entry in entries if entry.reader in kinds]
        return entries or None

    def _listed(self, written: str) -> tuple[str, ...] | None:
        """The verified files that an entry of ``Case.files`` means, in the order of their names; None: not sure."""
        if not self._is_used or "\\" in written or ":" in written:
            return None
        if written in self._verified:
            return (written,)
        folder = written.rstrip("/")
        try:
            names = tuple(f"{folder}/{name}" for name in sorted(file.name for file in (self._root / folder).iterdir()))
        except (OSError, ValueError):
            return None
        return names if names and all(name in self._verified for name in names) else None

    def _kept(self, name: str) -> FileHeader | None:
        row = self._store.row(name)
        if row is None or self._seal(name, row[0]) != row[1]:
            return None
        return header_from_json(row[0])

    def _sealed(self, name: str, found: FileHeader) -> tuple[str, bytes]:
        text = json.dumps(found, sort_keys=True)
        return text, self._seal(name, text)

    def _seal(self, name: str, text: str) -> bytes:
        """A checksum over all that an entry depends on and says."""
        whole = "\0".join((self._made_by, self._verified[name], name, text))
        return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def _sample_holds(self, names: Sequence[str]) -> bool:
        drawn = random.SystemRandom().sample(names, min(LOOKED_AT_AGAIN, len(names)))
        return all(
            again is None or again == self._kept(name)
            for batch in headers_here(self._root, drawn, self._keywords)
            for name, again in batch
        )


class _Everyone:
    """The cases whose names are looked up together: at the first look, what is missing of all is read at once."""

    def __init__(self, index: HeaderIndex, cases: Sequence[Case]) -> None:
        self._index, self._cases = index, cases
        self._is_filled = False
        self._last: CaseKeys | None = None  # who looks at one name of a case often looks at another

    def grid_of(self, case: Case, image: str | None = None) -> VoxelGrid:
        return self._index.grid_of_case(case, image)

    def keys_of(self, case: Case) -> CaseKeys:
        if self._last is not None and self._last.case is case:
            return self._last
        if not self._is_filled:
            self._is_filled = True
            self._index.fill((one.files for one in self._cases), first_only=False)
        try:
            self._last = self._index.keys_of_case(case)
        except InputFileError:
            self._last = CaseKeys(case=case, sop_instance_uids={})
        return self._last


class KeysOnDemand(CaseKeys):
    """The names of a case that opens no file until one of them is looked at; a million of these are small."""

    __slots__ = ("_everyone", "_of")
    _everyone: _Everyone
    _of: Case

    def __init__(self, case: Case, everyone: _Everyone) -> None:
        object.__setattr__(self, "_of", case)
        object.__setattr__(self, "_everyone", everyone)

    @property
    def case(self) -> Case:
        """The case itself."""
        return self._of

    @property
    def sop_instance_uids(self) -> Mapping[str, str]:
        """As in CaseKeys."""
        return self._everyone.keys_of(self._of).sop_instance_uids

    @property
    def study_instance_uids(self) -> tuple[str, ...]:
        """As in CaseKeys."""
        return self._everyone.keys_of(self._of).study_instance_uids

    @property
    def accession_numbers(self) -> tuple[str, ...]:
        """As in CaseKeys."""
        return self._everyone.keys_of(self._of).accession_numbers

    @property
    def image_sizes(self) -> Mapping[str, tuple[int, int]] | None:
        """As in CaseKeys."""
        return self._everyone.keys_of(self._of).image_sizes

    @property
    def picture_turns(self) -> Mapping[str, int] | None:
        """As in CaseKeys."""
        return self._everyone.keys_of(self._of).picture_turns

    @property
    def instances(self) -> tuple[KnownImage, ...]:
        """As in CaseKeys."""
        return self._everyone.keys_of(self._of).instances

    @property
    def grid(self) -> Callable[..., VoxelGrid]:
        """As in CaseKeys."""
        return partial(self._everyone.grid_of, self._of)


def _identity() -> list[str]:
    """What a header depends on beside its file: the source of the readers, and the packages that they read with."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sources]
    return [*hashes, *map(repr, INDEXED), *(f"{name} {_version(name)}" for name in ("pydicom", "pillow", "nibabel"))]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
