"""What a vendor declares about an ONNX file: how its input is prepared and what its output means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


class NotSuitable(ValueError):
    """The request is none that the model was declared for."""


@dataclass(frozen=True, kw_only=True)
class ImageInput:
    """How one image becomes the model's input: levels, size, channels, arithmetic, layout; in this order."""

    name: str | None = None  # of the ONNX input; null: the model has one
    levels: Literal["full_range", "as_is", "minmax"] | tuple[float, float] = "full_range"  # what becomes 0–255
    channels: Literal["rgb", "bgr", "grey"] = "rgb"
    size: tuple[int, int] | None = None  # rows, columns; null: as it is
    resize: Literal["nearest", "box", "bilinear", "bicubic", "lanczos"] = "bilinear"
    antialias: bool = True  # widen the filter when shrinking, as Pillow does; false: as OpenCV does
    fit: Literal["stretch", "pad", "crop"] = "stretch"  # pad and crop keep the aspect, centred
    pad_value: float = 0.0  # before the arithmetic, 0–255
    scale: float = 1.0  # value = (pixel * scale - mean) / std
    mean: float | tuple[float, ...] = 0.0  # one, or one for each channel in the model's order
    std: float | tuple[float, ...] = 1.0
    layout: Literal["nhwc", "nchw"] = "nhwc"
    dtype: Literal["float32", "float16", "float64", "uint8"] = "float32"
    several: Literal["refuse", "highest"] = "refuse"  # images or frames in a request: each by itself, highest score
    volume: bool = False  # all frames of one image at once: a further axis of planes before the rows


@dataclass(frozen=True, kw_only=True)
class SignalInput:
    """How one recording becomes the model's input: leads, unit, rate, length, arithmetic, layout; in this order."""

    name: str | None = None  # of the ONNX input; null: the model has one
    leads: tuple[str, ...]  # in the model's order, as requests spell them: I, II, aVR …
    sampling_hz: float  # rate the model expects; polyphase resampling where the record's differs
    samples: int | None = None  # length the model expects; null: any
    units: Literal["mV", "uV"] = "mV"
    crop: Literal["start", "centre"] = "start"  # which part of a longer recording
    pad: Literal["end", "both"] = "end"  # where zeros go in a shorter one
    invalid: Literal["refuse", "zero"] = "refuse"  # samples that the file marks as invalid
    normalise: Literal["none", "per_lead", "per_record"] = "none"  # to mean 0, standard deviation 1
    scale: float = 1.0  # value = (sample * scale - mean) / std
    mean: float | tuple[float, ...] = 0.0  # one, or one for each lead
    std: float | tuple[float, ...] = 1.0
    layout: Literal["samples_leads", "leads_samples"] = "leads_samples"
    dtype: Literal["float32", "float16", "float64"] = "float32"


@dataclass(frozen=True, kw_only=True)
class Boxes:
    """Where boxes are in the outputs. Doubles are the model's own affair, unless ``overlap_at_most`` is given."""

    boxes: str | None = None  # name of an output [n, 4]; null: the first output has ``columns``
    scores: str | None = None  # name of an output [n], or [n, classes]: the best of those that have a finding
    classes: str | None = None  # name of an output [n] of class numbers
    columns: tuple[Literal["box1", "box2", "box3", "box4", "score", "class", "classes"], ...] = (
        "box1",
        "box2",
        "box3",
        "box4",
        "score",
        "class",
    )  # classes: all that are left, a score for each class; beside score the two are multiplied
    layout: Literal["rows", "columns"] | None = None  # a box is a row, or a column; null: a row, which ``classes`` must
    # state, as nothing else tells boxes from classes
    form: Literal["xyxy", "xywh", "cxcywh"] = "xyxy"
    unit: Literal["px", "normalised"] = "px"  # of the model's input
    findings: Mapping[int, str] = field(default_factory=dict)  # class number -> finding; others are left out
    score_at_least: float = 0.0  # marks below are left out
    overlap_at_most: float | None = None  # IoU; of two marks of a finding that overlap more the lower score goes


@dataclass(frozen=True, kw_only=True)
class Masks:
    """Which structures an output delineates: classes of every pixel, on the model's input or a whole fraction of it."""

    structures: Mapping[str, int | tuple[int, ...]] = field(default_factory=dict)  # structure -> class number(s)
    background: tuple[int, ...] | None = None  # classes of no structure; null: 0, unless a structure has it
    layout: Literal["channels_first", "channels_last"] = "channels_first"  # where the axis of the classes is
    score_at_least: float | None = None  # inside from here on, several classes are summed; null: by ``pick``
    back: Literal["linear", "nearest"] | None = None  # to the pixels of the image; null: scores linear, numbers nearest


@dataclass(frozen=True, kw_only=True)
class Output:
    """What one output of the model means."""

    kind: Literal["score", "scores", "label", "grade", "marks", "masks"]
    name: str | None = None  # of the ONNX output; null: the first
    finding: str | None = None  # kinds score, label, grade (the name of the grade), marks of one class
    activation: Literal["none", "sigmoid", "softmax"] = "none"  # applied to the whole output first; of marks to the
    # scores, of masks to the classes of a pixel
    index: int | tuple[int, ...] | None = None  # kind score: element, several are summed; null: it has one
    findings: Mapping[str, int | tuple[int, ...]] | tuple[str, ...] = field(default_factory=dict)  # kind scores:
    # finding -> element, or the names of all elements in their order
    labels: Mapping[Literal["positive", "negative", "indeterminate"], tuple[int, ...]] = field(default_factory=dict)
    pick: Literal["argmax", "value"] = "argmax"  # kinds label, grade, masks: the largest element, or the number itself
    grades: tuple[int, ...] = ()  # kind grade: of each element or class number, mildest first; left out: 0, 1, 2 …
    boxes: Boxes | None = None  # kind marks
    masks: Masks | None = None  # kind masks


@dataclass(frozen=True, kw_only=True)
class Windows:
    """How a recording longer than the model's input is cut, and how what is said of its pieces becomes one answer."""

    samples: int | None = None  # length at the model's rate; or
    seconds: float | None = None
    step: float | None = None  # from one window to the next, in the unit of the length; null: the length
    last: Literal["pad", "shift", "drop"] = "pad"  # the rest: filled with zeros, moved back to end there, or unseen
    skip_invalid: bool = False  # a window with an invalid sample is not put to the model
    batch: int = 32  # windows put to the model at once
    combine: Literal["max", "mean", "any"] = "max"  # any: positive where one window has ``score_at_least``
    score_at_least: float | None = None


@dataclass(frozen=True, kw_only=True)
class EpisodeOutput:
    """An output whose row for a window says which rhythm it holds: windows of one rhythm in a row are an episode."""

    labels: Mapping[str, int | tuple[int, ...]]  # label of an episode -> element, several are summed
    name: str | None = None  # of the ONNX output; null: the first
    activation: Literal["none", "sigmoid", "softmax"] = "none"
    score_at_least: float | None = None  # null: the window holds what its highest element stands for
    bridge_s: float = 0.0  # two episodes of a label with at most this between them are one
    shortest_s: float = 0.0  # shorter ones are left out


@dataclass(frozen=True, kw_only=True)
class BeatOutput:
    """An output with a score for each step in time: a beat is its highest value for a while."""

    symbols: Mapping[str, int | tuple[int, ...]]  # WFDB code of a beat -> element, several are summed
    score_at_least: float
    name: str | None = None  # of the ONNX output; null: the first
    activation: Literal["none", "sigmoid", "softmax"] = "none"  # softmax over the classes of a step
    layout: Literal["steps_classes", "classes_steps"] = "steps_classes"
    hop: int = 1  # samples of the model's input that a step stands for; its beat is in their middle
    refractory_s: float = 0.2  # of two beats nearer than this the one with the higher score is kept
