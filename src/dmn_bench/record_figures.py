"""What a record says of its pictures: which file shows which error, and how an image was shown."""

from __future__ import annotations

from pydantic import Field

from .record_rows import RecordModel


class ImageView(RecordModel):
    """How an image was shown: which, what of it, by which grey values."""

    image: int  # of the files of the case, from 1
    frame: int | None = None  # from 1, of several
    box: list[float] | None = None  # px: x, y, width and height of what is shown large; None: the whole image
    is_one_place: bool = False  # whether the box is that of the error, not of all marks of one side
    is_outside: bool = False  # whether the error lies beyond the edge of the image
    is_reduced: bool  # whether the whole image is too small in it for burned-in words to be read
    window: str  # as_stored | file | lung | bone | soft | spread
    low: float | None = None  # shown black, in values of the image before its window; None: as stored
    high: float | None = None  # shown white
    unit: str = ""  # of these values: "HU"
    bar_mm: float | None = None  # of the scale bar; None: no spacing known
    spacing_mm: list[float] | None = None  # between rows, between columns
    spacing_source: str | None = None
    n_left_out: int = 0  # marks of the device in sight, with lower scores than those drawn
    signs: list[str] = Field(default_factory=list)  # what is drawn on it: "reference", "device", "corners" …


class PicturedError(RecordModel):
    """What a picture shows: the place of an error in a case. Local ids only."""

    candidate: str
    endpoint: str
    kind: str
    case_id: str
    start_s: float | None = None  # of the recording; None: the whole case
    end_s: float | None = None
    view: ImageView | None = None  # of an image; None: of a recording
    in_case: float  # by which the picture was chosen: what is wrong in the case, then here
    here: float
    about: str = ""  # a statement, a rhythm, a structure
    reference: str = ""
    answer: str = ""
    why: str = ""  # of a missed lesion and a false mark: no_mark | below_the_point | misplaced | counts_for_another
    why_value: float | None = None  # the overlap of the boxes (IoU) with the mark or lesion, or the score of the mark


class FigureFile(RecordModel):
    """A file of figures beside the record; ``error``: what it is a picture of, if of an error."""

    path: str  # relative to the folder of the record
    sha256: str
    error: PicturedError | None = None
