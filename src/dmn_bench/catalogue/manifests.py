"""What a vendor states in ``candidate.yaml`` and ``device.yaml``: read as text, nothing of the vendor is imported."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic import JsonValue as Json

from ..errors import CandidateError, Problem
from ..files import validate
from ..hookspecs import hookimpl
from ..protocol.signals import SignalsEntry
from ..vocabulary import OperatingPoint, SignalForm

MANIFEST = "candidate.yaml"
IDENTIFIER = r"^[a-z0-9][a-z0-9._-]{0,62}$"


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Declared(_Strict):
    """One thing the vendor declares, with where it says so: a page of the instructions for use, a letter, the label."""

    value: str = Field(min_length=1)
    source: str = ""


def _plain_text(value: object) -> object:
    return {"value": value} if isinstance(value, str) else value


Text = Annotated[Declared, BeforeValidator(_plain_text, json_schema_input_type=str | Declared)]
"""Written as a text, or as {value, source}. An absent or null field means "not declared"."""


class Identity(_Strict):
    """Which product it is, in the words of its label."""

    manufacturer: Text | None = None
    authorised_representative: Text | None = None
    trade_name: Text | None = None
    version: Text | None = None
    build: Text | None = None
    basic_udi_di: Text | None = None
    udi_di: Text | None = None
    udi_pi: Text | None = None
    ce_class: Text | None = None
    legal_basis: Text | None = None
    certificate: Text | None = None
    certificate_expires: Text | None = None
    notified_body: Text | None = None
    eudamed_id: Text | None = None


class IntendedUse(_Strict):
    """The intended purpose, verbatim from the instructions for use, with its page."""

    purpose: str | None = None
    ifu_page: str | None = None
    contra_indications: Text | None = None
    operating_point: Text | None = None


class Claim(_Strict):
    """One performance figure that the vendor publishes; shares are 0 to 1."""

    metric: str
    finding: str | None = None
    value: float
    low: float | None = None
    high: float | None = None
    confidence: float | None = Field(default=None, gt=0, lt=1)
    population: str | None = None
    source: str | None = None


class TrainingData(_Strict):
    """Answers to the five closed questions about training data; an unanswered one is printed as "not declared"."""

    data_sets: Text | None = None  # 1: every training and tuning set, public ones included
    data_from_this_hospital: Text | None = None  # 2: any data of this hospital or its group
    access_to_this_reference_set: Text | None = None  # 3: any earlier access to it
    overlap_of_patients_or_period: Text | None = None  # 4: the same patients or the same period
    pretrained_components: Text | None = None  # 5: pre-trained parts, and what they were trained on


class Host(_Strict):
    """One address that the device must reach, and on what condition; the protocol grants it or the run stops."""

    address: str = Field(min_length=1)  # host:port
    purpose: str = ""  # a licence server, a cloud service …
    images: bool | None = None  # whether images or signals of patients are sent there; null: not declared


def _plain_address(value: object) -> object:
    return {"address": value} if isinstance(value, str) else value


NeededHost = Annotated[Host, BeforeValidator(_plain_address, json_schema_input_type=str | Host)]
"""Written as "host:port", or as {address, purpose, images}."""


class Needs(_Strict):
    """What the device needs to run: declared here, granted by the protocol alone."""

    gpu: bool | None = None
    hosts: tuple[NeededHost, ...] | None = None  # (): none
    inputs: Text | None = None
    memory_mb: float | None = Field(default=None, gt=0)  # highest resident memory of one process
    seconds_per_case: float | None = Field(default=None, gt=0)  # wall time, on a machine as the vendor describes it
    seconds_to_load: float | None = Field(default=None, gt=0)
    descriptive_tags: tuple[str, ...] | None = None  # of the view, side, modality … whatever changes an answer


class Output(_Strict):
    """One finding that the device answers, in its own words, with the scale of its scores."""

    finding: str = Field(min_length=1)
    scores: tuple[float, float] | None = None  # lowest and highest possible


class Device(_Strict):
    """``device.yaml``: filled once by the vendor; whatever it leaves out is "not declared"."""

    format: Literal["dmn-bench/device/1"] = "dmn-bench/device/1"
    identity: Identity = Identity()
    intended_use: IntendedUse = IntendedUse()
    claims: tuple[Claim, ...] | None = None
    training_data: TrainingData = TrainingData()
    needs: Needs = Needs()
    outputs: tuple[Output, ...] | None = None


class Labels(_Strict):
    """The vendor's own words for positive, doubtful and negative."""

    positive: tuple[str, ...] = ()
    indeterminate: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()


class Point(_Strict):
    """An operating point as the vendor declares it; the protocol's goes before it."""

    score_at_least: float
    doubt_from: float | None = None
    source: str = ""


class CandidateFile(_Strict):
    """``candidate.yaml``: how a vendor's package is asked."""

    format: Literal["dmn-bench/candidate/1"]
    id: str = Field(pattern=IDENTIFIER)
    adapter: str
    entry: str | None = Field(default=None, pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")
    python: str | None = None
    command: tuple[str, ...] = ()
    batch: int | None = Field(default=None, ge=1)
    receives: dict[Literal["image", "signals"], Literal["array", "dicom", "wfdb"]] = {}
    options: dict[str, Json] = {}
    operating_points: dict[str, Point] = {}
    labels: Labels = Labels()
    findings: dict[str, str] = {}
    signals: SignalsEntry | None = None
    device: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """A candidate package as it describes itself. ``folder`` is where its relative paths start.

    ``entry`` is "module:Class", imported in the sealed child only. ``command``: a program to start.
    ``batch``: cases put to it together, None where it says nothing. ``findings``: the vendor's word -> the set's.
    ``labels``: "positive", "indeterminate", "negative" -> the vendor's words. ``signals``: None for as recorded.
    """

    folder: Path
    id: str
    adapter: str
    entry: str | None = None
    python: str | None = None
    command: tuple[str, ...] = ()
    batch: int | None = None
    receives: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    operating_points: Mapping[str, OperatingPoint] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    findings: Mapping[str, str] = field(default_factory=dict)
    signals: SignalForm | None = None
    device: Device = field(default_factory=Device)


@dataclass(frozen=True, kw_only=True, slots=True)
class CandidatePlugin:
    """Stands for a candidate package with the plugin manager, so that the package itself is never imported."""

    manifest: Manifest

    @hookimpl
    def register_candidates(self) -> list[Path]:
        """The folder of its manifest."""
        return [self.manifest.folder]


def load_manifest(folder: Path) -> Manifest:
    """The candidate package of a folder, from its ``candidate.yaml`` and the ``device.yaml`` that this names.

    Raises CandidateError with every problem at its file:line:column.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise CandidateError(Problem(key="catalogue.no_manifest", where=str(folder), facts={"file": MANIFEST}))
    said = validate(CandidateFile, path, CandidateError)
    return Manifest(
        folder=folder,
        device=_device(folder, said.device),
        labels=said.labels.model_dump(exclude_defaults=True),
        operating_points={name: OperatingPoint(**point.model_dump()) for name, point in said.operating_points.items()},
        signals=None if said.signals is None else said.signals.form,
        **{name: getattr(said, name) for name in _AS_WRITTEN},
    )


_AS_WRITTEN = ("id", "adapter", "entry", "python", "command", "batch", "receives", "options", "findings")
ALWAYS_GIVEN = ("command", "batch")  # to the adapter, which refuses what it has no option for


def adapter_options(manifest: Manifest, fields: Collection[str]) -> dict[str, object]:
    """The options of a candidate's adapter: what has a field of its own there goes into it.

    ``fields``: names of the adapter's options.
    """
    said = dict(manifest.options)
    options: dict[str, object] = {"options": said} if "options" in fields else said
    names = ("entry", "python", "command", "batch", "receives", "labels", "findings")
    beside = {name: getattr(manifest, name) for name in names if name in fields or name in ALWAYS_GIVEN}
    beside["hosts"] = declared_hosts(manifest, fields, options)
    beside["gpu"] = declared_gpu(manifest, fields, options)
    return {**options, **{name: value for name, value in beside.items() if value}}


def declared_hosts(manifest: Manifest, fields: Collection[str], options: Mapping[str, object]) -> tuple[str, ...]:
    """The addresses of device.yaml, for an adapter that has the option ``hosts`` and was not given it."""
    needed = manifest.device.needs.hosts or ()
    return tuple(host.address for host in needed) if "hosts" in fields and "hosts" not in options else ()


def declared_gpu(manifest: Manifest, fields: Collection[str], options: Mapping[str, object]) -> bool:
    """Whether device.yaml needs a graphics processor, for an adapter with an option ``gpu`` that was not given it."""
    return manifest.device.needs.gpu is True and "gpu" in fields and "gpu" not in options


def _device(folder: Path, name: str | None) -> Device:
    if name is None:
        return Device()
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise CandidateError(
            Problem(key="catalogue.no_device_file", where=str(folder / MANIFEST), facts={"file": name})
        )
    return validate(Device, path, CandidateError)
