"""Adapter ``onnx``: a vendor's ONNX file with a declared preprocessing and output, run in a sealed child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from ..errors import CandidateError, Problem, collect
from ..files import sha256_of
from ..hookspecs import ChildProgram, FileAdapter, LiveAdapter, hookimpl
from .numbered_grades import NumberedGrades, are_ascending
from .onnx_along import Along, problems_along
from .onnx_description import BeatOutput, EpisodeOutput, ImageInput, Output, SignalInput, Windows
from .onnx_places import problems_of_places, problems_with_file
from .onnx_shapes import output_shapes, values_of

RUNNER = "dmn_bench.adapters.onnx_runner:OnnxRunner"
SOURCE_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class OnnxModel:
    """Asks an ONNX file through ONNX Runtime on the CPU, with as many threads as the protocol says."""

    name: ClassVar[str] = "onnx"

    model: str  # path of the ONNX file, from the folder of the candidate
    output: Output | tuple[Output, ...] = ()  # what its outputs mean
    input: ImageInput | None = None  # how an image is prepared; or
    signals: SignalInput | None = None  # how a recording is prepared
    window: Windows | None = None  # how a recording is cut; null: the model takes it whole
    episodes: EpisodeOutput | None = None  # which output holds episodes, window by window
    beats: BeatOutput | None = None  # which output holds beats
    receives: str | Mapping[str, str] = "array"  # array (decoded) | wfdb (a recording's file, read piece by piece)

    def __post_init__(self) -> None:
        kinds = {self.receives} if isinstance(self.receives, str) else set(self.receives.values()) or {"array"}
        if len(kinds) != 1 or not kinds <= {"array", "wfdb"}:
            raise ValueError(f"receives is array or wfdb, found {', '.join(sorted(kinds))}")
        object.__setattr__(self, "receives", kinds.pop())

    def program(self, base: Path, entry_options: Mapping[str, object]) -> ChildProgram:
        """Our own runner under our own interpreter; see ``LiveAdapter.program``."""
        problems = self._problems(base)
        if entry_options:
            found = ", ".join(sorted(entry_options))
            problems.append(Problem(key="adapters.onnx_no_further_options", where=self.model, facts={"found": found}))
        collect(problems, CandidateError)
        path = (base / self.model).resolve()
        described = {
            "model": str(path),
            "input": None if self.input is None else asdict(self.input),
            "signals": None if self.signals is None else asdict(self.signals),
            "outputs": [asdict(output) for output in self._outputs()],
            **{
                name: None if part is None else asdict(part)
                for name, part in (("window", self.window), ("episodes", self.episodes), ("beats", self.beats))
            },
        }
        return ChildProgram(entry=RUNNER, import_paths=(SOURCE_ROOT,), options=described, readable=(path,))

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of the model file."""
        collect(self._problems(base), CandidateError)
        return {self.model: sha256_of(base / self.model)}

    @property
    def numbered_grades(self) -> Sequence[NumberedGrades]:
        """The grades that the elements of its outputs stand for."""
        return numbered_grades_of(self._outputs())

    def grade_places(self, base: Path) -> Mapping[str, int]:
        """How many values the file declares for each output of grades, by finding; without those that only a run tells.

        ``base``: as in ``program``.
        """
        described = [o for o in self._outputs() if o.kind == "grade" and o.finding and o.pick == "argmax"]
        shapes = output_shapes(base / self.model) if described else {}
        found = {}
        for output in described:
            shape = shapes.get(output.name) if output.name else next(iter(shapes.values()), None)
            n = values_of(shape, by_window=self.window is not None)
            if n is not None:
                found[str(output.finding)] = n
        return found

    def _outputs(self) -> Sequence[Output]:
        return (self.output,) if isinstance(self.output, Output) else self.output

    def _problems(self, base: Path) -> list[Problem]:
        problems = []
        if not (base / self.model).is_file():
            problems.append(Problem(key="adapters.onnx_no_model", where=str(base), facts={"found": self.model}))
        if (self.input is None) == (self.signals is None):
            problems.append(Problem(key="adapters.onnx_one_input", where=self.model))
        shapes = output_shapes(base / self.model)
        is_volume = self.input is not None and self.input.volume
        for output in self._outputs():
            problems += problems_of_output(output, self.model)
            problems += problems_with_file(output, shapes, self.model, volume=is_volume)
            if self.signals is not None and output.kind in ("marks", "masks"):
                facts = {"kind": output.kind}
                problems.append(Problem(key="onnx_places.needs_image", where=self.model, facts=facts))
        if self.input is not None and self.input.size is not None and min(self.input.size) < 1:
            problems.append(Problem(key="adapters.onnx_size", where=self.model, facts={"found": str(self.input.size)}))
        along = Along(
            model=self.model,
            outputs=tuple(self._outputs()),
            signals=self.signals,
            window=self.window,
            episodes=self.episodes,
            beats=self.beats,
            receives=str(self.receives),
        )
        return [*problems, *problems_along(along)]


def problems_of_output(output: Output, where: str) -> list[Problem]:
    """What a kind of output needs and has not."""
    missing = {
        "score": () if output.finding else ("finding",),
        "grade": () if output.finding else ("finding",),
        "scores": () if output.findings else ("findings",),
        "label": tuple(name for name, value in (("finding", output.finding), ("labels", output.labels)) if not value),
        "marks": () if output.boxes else ("boxes",),
        "masks": () if output.masks else ("masks",),
    }[output.kind]
    problems = [
        Problem(key="adapters.onnx_output_needs", where=where, facts={"kind": output.kind, "option": option})
        for option in missing
    ]
    if output.boxes is not None and not output.boxes.findings and not output.finding:
        facts = {"kind": output.kind, "option": "boxes.findings"}
        problems.append(Problem(key="adapters.onnx_output_needs", where=where, facts=facts))
    if output.grades and (output.kind != "grade" or not are_ascending(output.grades)):
        facts = {"kind": output.kind, "found": ", ".join(str(grade) for grade in output.grades)}
        problems.append(Problem(key="adapters.onnx_grades", where=where, facts=facts))
    return [*problems, *problems_of_places(output, where)]


def numbered_grades_of(outputs: Sequence[Output]) -> Sequence[NumberedGrades]:
    """The grades that elements or class numbers of outputs stand for; a grade that is the number itself is none."""
    return tuple(
        NumberedGrades("output.grades", output.finding, output.grades)
        for output in outputs
        if output.kind == "grade" and (output.grades or output.pick == "argmax")
    )


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The ONNX adapter."""
    return [OnnxModel]  # type: ignore[list-item]  # receives is text once made
