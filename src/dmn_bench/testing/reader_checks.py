"""Conformance checks of readers: what every file format must hold, sound, cut or hostile."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputFileError
from ..files import sha256_of
from ..vocabulary import Image, Signals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..hookspecs import Reader

GARBAGE = bytes(range(256)) * 16
SHARES_KEPT = (0.0, 0.1, 0.5, 0.9)  # of a file that is cut
NEUTRAL = "image-7"


class ReaderChecks:
    """What every reader must hold: subclass it and give ``reader`` and ``write``."""

    def reader(self) -> Reader:
        """The reader under check, made with its options."""
        raise NotImplementedError

    def write(self, folder: Path) -> Path:
        """Write the smallest sound file of the format into an empty folder, and return its path."""
        raise NotImplementedError

    def copy_reader(self) -> Reader:
        """The reader of the copies: the same, unless they are of another format, such as a WFDB record."""
        return self.reader()

    def secrets(self) -> Sequence[bytes]:
        """What ``write`` has put into the file that no candidate may see: a name, a date, a comment."""
        return ()

    def test_it_says_what_it_is(self) -> None:
        """A name in lower case, and what it gives."""
        reader = self.reader()
        require(bool(reader.name) and reader.name == reader.name.lower(), "a name in lower case is needed")
        require(reader.gives in ("images", "signals"), "gives is 'images' or 'signals'")

    def test_it_recognises_its_file_by_its_content(self) -> None:
        """Its own file yes; a file of that name with other bytes, an empty one and a folder no; nothing is raised."""
        with self._written() as (path, folder):
            require(self.reader().recognises(path) is True, "its own file must be recognised")
            require(self.reader().recognises(folder / "not-there") is False, "a file that is not there is nobody's")
            for content in (GARBAGE, b""):
                path.write_bytes(content)
                require(self.reader().recognises(path) is False, "other bytes under its name must not be recognised")

    def test_a_sound_file_has_no_problems(self) -> None:
        """``problems`` says nothing of it."""
        with self._written() as (path, _):
            require(tuple(self.reader().problems(path)) == (), "a sound file must have no problems")

    def test_a_header_is_text(self) -> None:
        """Attributes by keyword, all of them text."""
        with self._written() as (path, _):
            header = self.reader().header(path)
            texts = [text for item in header.items() for text in item]
            require(all(isinstance(text, str) for text in texts), "keywords and values of a header are text")

    def test_what_is_read_has_its_form(self) -> None:
        """Images or signals as the vocabulary describes them, and the decoders that were used."""
        with self._written() as (path, _):
            images, signals, decoders = self.reader().read(path)
        require(bool(decoders) and all(isinstance(text, str) for text in decoders), "the decoders used must be named")
        if self.reader().gives == "images":
            require(bool(images) and signals is None, "a reader of images gives images and no signals")
            for image in images:
                check_image(image)
        else:
            require(not images and signals is not None, "a reader of signals gives signals and no images")
            if signals is not None:
                check_signals(signals)

    def test_reading_twice_gives_the_same_and_changes_nothing(self) -> None:
        """No clock, no chance; the file is as it was after each of the five methods."""
        with self._written() as (path, folder):
            before = hashes_below(folder)
            first, second = self.reader().read(path), self.reader().read(path)
            require(same_content(first, second), "the same file must be read alike twice")
            self.reader().header(path)
            self.reader().problems(path)
            self.reader().recognises(path)
            require(hashes_below(folder) == before, "reading must not change a file, nor write beside it")

    def test_a_cut_file_is_refused_and_nothing_else_is_raised(self) -> None:
        """Cut anywhere, reading gives the file's content or InputFileError; half a file is never read as whole."""
        for share in SHARES_KEPT:
            with self._written() as (path, _):
                whole = self.reader().read(path)
                path.write_bytes(path.read_bytes()[: int(len(path.read_bytes()) * share)])
                try:
                    found = self.reader().read(path)
                except InputFileError:
                    require(bool(tuple(self.reader().problems(path))), "what read refuses, problems must name")
                    continue
                require(same_content(found, whole), "a cut file must not be read as another one")

    def test_garbage_is_refused(self) -> None:
        """Bytes that are no such file raise InputFileError and nothing else."""
        with self._written() as (path, _):
            path.write_bytes(GARBAGE)
            try:
                self.reader().read(path)
            except InputFileError:
                return
        require(False, "garbage must raise InputFileError")

    def test_a_copy_for_a_candidate_holds_the_same_content_and_no_secrets(self) -> None:
        """The copies lie in the folder under the neutral name, are read alike, and hold nothing of ``secrets``."""
        with self._written() as (path, _), tempfile.TemporaryDirectory() as place:
            copies = self.reader().deidentified_copy(path, Path(place), NEUTRAL)
            require(bool(copies), "at least one copy must be written")
            require(all(copy.parent == Path(place) for copy in copies), "copies belong into the folder given")
            require(all(copy.name.startswith(NEUTRAL) for copy in copies), "copies have the neutral name")
            require(
                same_content(self.reader().read(path), self.copy_reader().read(copies[0])), "a copy must be read alike"
            )
            content = b"".join(file.read_bytes() for file in Path(place).iterdir())
            found = [secret for secret in self.secrets() if secret in content]
            require(not found, f"the copy holds {found}")
            require(path.stem.encode() not in content or path.stem == NEUTRAL, "the copy holds the name of the file")

    @contextmanager
    def _written(self) -> Iterator[tuple[Path, Path]]:
        with tempfile.TemporaryDirectory() as name:
            yield self.write(Path(name)), Path(name)


def check_image(image: Image) -> None:
    """The pixels of an image have the form that its fields say."""
    shape = image.pixels.shape
    require(image.photometric in ("grey", "rgb"), "photometric is 'grey' or 'rgb'")
    colours = (3,) if image.photometric == "rgb" else ()
    frames = (image.n_frames,) if image.n_frames > 1 else ()
    require(len(shape) == 2 + len(colours) + len(frames), f"pixels of shape {shape} are not what the fields say")
    require(shape[: len(frames)] == frames, f"{image.n_frames} frames, but pixels of shape {shape}")
    require(shape[len(shape) - len(colours) :] == colours, "RGB pixels have three values at the end")
    require(image.photometric == "grey" or image.pixels.dtype == np.uint8, "RGB pixels are uint8")
    spacing = image.spacing_mm
    require((spacing is None) == (image.spacing_source is None), "a spacing has a source, and a source a spacing")
    require(spacing is None or min(spacing) > 0, "a spacing is above 0")


def check_signals(signals: Signals) -> None:
    """The samples of a recording have the form that its fields say."""
    require(signals.samples.ndim == 2 and signals.samples.dtype == np.float64, "samples are float64 [samples, leads]")
    require(signals.samples.shape[1] == len(signals.leads), "one name for each lead")
    require(signals.sampling_hz > 0, "the sampling rate is above 0")
    require(not bool(np.isinf(signals.samples).any()), "what the file marks as invalid is NaN, nothing is infinite")


def same_content(
    one: tuple[Sequence[Image], Signals | None, Sequence[str]],
    other: tuple[Sequence[Image], Signals | None, Sequence[str]],
) -> bool:
    """Whether two readings hold the same pixels and samples; what describes them is not compared."""
    first, second = _arrays(one), _arrays(other)
    if len(first) != len(second):
        return False
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(first, second, strict=True))


def _arrays(found: tuple[Sequence[Image], Signals | None, Sequence[str]]) -> list[NDArray[Any]]:
    arrays: list[NDArray[Any]] = [image.pixels for image in found[0]]
    return arrays if found[1] is None else [*arrays, found[1].samples]


def hashes_below(folder: Path) -> dict[str, str]:
    """sha256 of every file below a folder."""
    return {path.name: sha256_of(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def require(holds: bool, message: str) -> None:
    """Raises AssertionError with the message unless it holds."""
    if not holds:
        raise AssertionError(message)
