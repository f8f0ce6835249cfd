"""Errors in images drawn after a run: where they are, without identity, nothing shown that must not be, no run lost."""

import hashlib

import numpy as np
import pytest

from dmn_bench import cli, reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness import RunOptions, evaluate, picturing
from dmn_bench.harness.picture_images import burned_in
from dmn_bench.pictures import paper
from dmn_bench.pictures.image_marks import STYLES
from dmn_bench.reference_set import Card, read_card

from ..inputs.factories import a_picture, a_slice, an_image, saved
from ..inputs.mask_factories import a_nifti
from ..pictures.test_image_thumb import lines, panels
from ..set_factory import a_set, card_with, problems_of

SECRET = "Nomtest^Prenomtest"
BLUE, ORANGE = STYLES["reference"].line, STYLES["device"].line
PRIVATE = "\n  route: etude_interne\n  decided_by: Somebody\n  date: 2026-01-01"
LESIONS = "case_id,lesion_id,finding,x,y,width,height"
SAID = "case_id,finding,score,x,y,width,height"
PROTOCOL = """\
format: dmn-bench/protocol/1
id: images
reference_set: set
candidates:
  - id: vendor
    adapter: predictions
    options: {path: said.csv}
    operating_points: {fracture: {score_at_least: 0.5}}
endpoints:
  - name: lesion
    task: detection
    finding: fracture
    unit: lesion
    hit_rule: {iou_at_least: 0.3}
    metrics: [failure_rate]
  - {name: exam, task: classification, finding: fracture, unit: exam, combine: highest, metrics: [failure_rate]}
statistics: {resamples: 200, seed: 7}
"""


def plane(rows=300, columns=200, dtype=np.uint16):
    return (np.indices((rows, columns)).sum(axis=0) * 8 % 4096).astype(dtype)


def a_radiograph(**changes):
    stated = {"BitsStored": 12, "WindowCenter": 2048, "WindowWidth": 4096, "BurnedInAnnotation": "NO"}
    return an_image(plane(), **{**stated, "PatientName": SECRET, "ImagerPixelSpacing": [0.2, 0.1], **changes})


def prepared(folder, images, *, cases=None, lesions=(), said=(), truth=None, card=None):
    """A locked set with these images (path -> data set, or a function that writes) and what a vendor said of it."""
    root = folder / "set"
    for name, image in images.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        if callable(image):
            image(root / name)
        else:
            saved(image, root / name)
    cases = cases or [f"c{at},p{at},e{at},,{name}" for at, name in enumerate(images, start=1)]
    names = [row.partition(",")[0] for row in cases]
    a_set(
        root,
        card=card or card_with(strata="{}"),
        cases=["case_id,patient_id,exam_id,laterality,files", *cases],
        truth=["case_id,finding,value", *(truth or [f"{name},fracture,positive" for name in names])],
        lesions=[LESIONS, *lesions],
    )
    reference_set.lock(root)
    unsaid = [name for name in names if not any(row.startswith(f"{name},") for row in said)]
    rows = [SAID, *said, *(f"{name},fracture,0.1,,,," for name in unsaid)]
    (folder / "said.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def run(folder, extra="", name="run", protocol=PROTOCOL):
    path = folder / "images.yaml"
    path.write_text(protocol + extra, encoding="utf-8")
    return evaluate(path, RunOptions(run_dir=folder / name, workers=1), catalogue=build_catalogue())


def drawn(folder, record, kind, name="run"):
    """(figure, svg) of the pictures of a kind."""
    found = [one for one in record.results.figures if one.error.kind == kind]
    return [(one, (folder / name / one.path).read_text(encoding="utf-8")) for one in found]


@pytest.fixture
def radiographs(tmp_path):
    """c1: a lesion missed beside a false mark; c2: a call without any lesion, on a picture without a header."""
    return prepared(
        tmp_path,
        {"files/Nomtest.dcm": a_radiograph(), "files/b.png": lambda path: a_picture(path, plane(dtype=np.uint8))},
        lesions=["c1,1,fracture,100,200,30,40"],
        said=[
            "c1,fracture,0.9,20,60,30,30",
            "c2,fracture,0.7,50,50,20,20",
            "c1,fracture,0.9,,,,",
            "c2,fracture,0.7,,,,",
        ],
        truth=["c1,fracture,positive", "c2,fracture,negative"],
    )


def test_each_kind_of_error_has_its_picture(radiographs):
    record = run(radiographs)
    found = [(one.error.endpoint, one.error.kind, one.error.case_id) for one in record.results.figures]
    assert found == [
        ("lesion", "false_positive_mark", "c1"),
        ("lesion", "false_positive_mark", "c2"),
        ("lesion", "missed_lesion", "c1"),
        ("exam", "false_positive", "c2"),
    ]
    assert record.results.figures_left_out == {}


def test_the_record_says_how_the_image_was_shown(radiographs):
    ((figure, _),) = drawn(radiographs, run(radiographs), "missed_lesion")
    view = figure.error.view
    assert (view.image, view.frame, view.box, view.is_one_place) == (1, None, [100, 200, 30, 40], True)
    assert (view.window, view.low, view.high) == ("file", 0, 4096)
    assert (view.spacing_mm, view.spacing_source, view.bar_mm) == ([0.2, 0.1], "ImagerPixelSpacing", 2.0)
    assert view.signs == ["bar", "corners", "overview", "reference"]


def test_a_missed_lesion_lies_in_the_middle_of_its_picture(radiographs):
    ((_, svg),) = drawn(radiographs, run(radiographs), "missed_lesion")
    (place, _), _ = panels(svg)
    ((corner, *_),) = lines(svg, BLUE)
    opposite = lines(svg, BLUE)[0][2]
    assert (corner[0] + opposite[0]) / 2 == pytest.approx(place[2] / 2, abs=place[2] / 60)
    assert (corner[1] + opposite[1]) / 2 == pytest.approx(place[3] / 2, abs=place[3] / 60)


def test_no_picture_names_anybody(radiographs):
    record = run(radiographs)
    for one in record.results.figures:
        svg = (radiographs / "run" / one.path).read_text(encoding="utf-8")
        assert "omtest" not in svg + one.path
        assert paper.is_drawing(svg)


def test_the_same_pictures_are_drawn_again(radiographs):
    first, second = run(radiographs), run(radiographs, name="again")
    assert first.results_sha256 == second.results_sha256
    for one in first.results.figures:
        assert hashlib.sha256((radiographs / "run" / one.path).read_bytes()).hexdigest() == one.sha256


def test_none_is_drawn_where_the_protocol_wants_none(radiographs):
    assert run(radiographs, "pictures: {per_kind: 0}\n").results.figures == []


def test_what_does_not_fit_is_counted(radiographs, monkeypatch):
    monkeypatch.setattr(picturing, "BYTES_AT_MOST", 1000)
    record = run(radiographs)
    assert record.results.figures == []
    assert record.results.figures_left_out == {"vendor/image_size": 4}


def report(folder, *options):
    assert cli.call(["--lang", "en", "report", str(folder / "run"), *options]) == 0
    return (folder / "run" / "report.vendor.en.html").read_text(encoding="utf-8")


def test_the_report_shows_them_without_the_set_and_leaves_them_out_on_request(radiographs):
    run(radiographs)
    (radiographs / "set" / "cases.csv").unlink()
    html = report(radiographs)
    assert html.count('class="thumbnail"') == 4
    assert "Errors in images" in html
    assert "Errors on ECG paper" not in html
    html = report(radiographs, "--without-pictures")
    assert 'class="thumbnail"' not in html
    assert "data:image" not in html
    assert "4 pictures were left out of this report on request" in html


def test_a_picture_that_was_altered_is_said_and_not_shown(radiographs):
    record = run(radiographs)
    path = radiographs / "run" / record.results.figures[0].path
    path.write_text(path.read_text(encoding="utf-8").replace("D 0.90", "D 0.10"), encoding="utf-8")
    html = report(radiographs)
    assert html.count('class="thumbnail"') == 3
    assert "1 picture is not shown: the file is not the one" in html


# ------------------------------------------------------------------------------------------ what must not be shown


@pytest.mark.parametrize(
    ("changes", "is_drawn"),
    [
        ({"BurnedInAnnotation": "YES"}, False),
        ({"BurnedInAnnotation": "NO"}, True),
        ({"BurnedInAnnotation": "NO", "RecognizableVisualFeatures": "YES"}, False),
        ({"BurnedInAnnotation": "", "Modality": "SC"}, False),
        ({"BurnedInAnnotation": "", "Modality": "US"}, False),
        ({"BurnedInAnnotation": "NO", "Modality": "US"}, True),
        ({"BurnedInAnnotation": "", "Modality": "DX"}, True),
    ],
)
def test_an_image_with_names_in_it_is_not_drawn(tmp_path, changes, is_drawn):
    card = card_with(strata="{}", public="false", data_protection=PRIVATE)
    images = {"a.dcm": a_radiograph(**changes)}
    folder = prepared(tmp_path, images, lesions=["c1,1,fracture,100,200,30,40"], card=card)
    record = run(folder)
    assert len(record.results.figures) == (2 if is_drawn else 0)
    assert record.results.figures_left_out == ({} if is_drawn else {"vendor/image_burned_in": 2})


def test_who_says_that_no_words_are_burned_in(tmp_path):
    public = read_card(a_set(tmp_path / "public"))
    private = read_card(a_set(tmp_path / "private", card=card_with(public="false", data_protection=PRIVATE)))
    assert isinstance(public, Card)
    assert burned_in({}, public) == "none"
    assert burned_in({"Modality": "US"}, public) == "none"
    assert burned_in({"BurnedInAnnotation": "YES"}, public) == "stated"
    assert burned_in({}, private) == "unknown"
    assert burned_in({"Modality": "OT"}, private) == "stated"
    assert burned_in({"Modality": "OT", "BurnedInAnnotation": "NO"}, private) == "none"
    ultrasound = private.model_copy(update={"modality": "US"})
    assert burned_in({}, ultrasound) == "stated"


REVIEW = "{date: 2026-01-15, method: every image looked at, next_due: 2027-01-15, reviewed_by: Somebody, SAYS: true}"


def test_a_named_person_may_attest_that_no_words_are_burned_in(tmp_path):
    review = REVIEW.replace("SAYS", "images_without_burned_in_text")
    stated = {"public": "false", "data_protection": PRIVATE, "strata": "{}", "reidentification_review": review}
    attested = read_card(a_set(tmp_path / "attested", card=card_with(**stated)))
    assert [burned_in({"Modality": name}, attested) for name in ("", "US")] == ["none", "none"]
    assert burned_in({"BurnedInAnnotation": "YES"}, attested) == "stated"
    images = {"a.png": lambda path: a_picture(path, plane(dtype=np.uint8))}
    folder = prepared(tmp_path, images, lesions=["c1,1,fracture,100,200,30,40"], card=card_with(**stated))
    ((figure, _),) = drawn(folder, run(folder), "missed_lesion")
    assert not figure.error.view.is_reduced
    nobody = card_with(**{**stated, "reidentification_review": review.replace("reviewed_by: Somebody, ", "")})
    root = a_set(tmp_path / "nobody", card=nobody)
    assert [key for _, key in problems_of(lambda: read_card(root))] == ["refset.review_by_nobody"]


def test_the_whole_of_an_image_of_which_nobody_says_anything_is_reduced(tmp_path):
    card = card_with(strata="{}", public="false", data_protection=PRIVATE)
    images = {"a.png": lambda path: a_picture(path, plane(dtype=np.uint8))}
    folder = prepared(tmp_path, images, said=["c1,fracture,0.7,,,,"], truth=["c1,fracture,negative"], card=card)
    ((figure, svg),) = drawn(folder, run(folder), "false_positive")
    ((_, whole),) = panels(svg)
    assert figure.error.view.is_reduced
    assert whole.shape == (75, 50)
    assert "can hardly be read" in report(folder)


# --------------------------------------------------------------------------------------------- nothing loses a run


def test_an_image_that_cannot_be_decoded_is_counted(tmp_path):
    image = a_radiograph()
    image.PixelData = image.PixelData[:5000]
    folder = prepared(tmp_path, {"a.dcm": image}, lesions=["c1,1,fracture,100,200,30,40"])
    record = run(folder)
    assert record.results.figures == []
    assert record.results.figures_left_out == {"vendor/image_unreadable": 2}
    assert "2 pictures were not drawn: the image" in report(folder)


def test_a_case_without_a_file_is_counted(tmp_path):
    folder = prepared(tmp_path, {}, cases=["c1,p1,e1,,"], truth=["c1,fracture,positive"])
    assert run(folder).results.figures_left_out == {"vendor/no_image": 1}


def test_a_lesion_beyond_the_image_shows_the_whole_and_says_so(tmp_path):
    folder = prepared(tmp_path, {"a.dcm": a_radiograph()}, lesions=["c1,1,fracture,5000,5000,30,30"])
    ((figure, _),) = drawn(folder, run(folder), "missed_lesion")
    assert figure.error.view.is_outside
    assert "lies outside the image" in report(folder)


# ------------------------------------------------------------------------------------------- exams, series, places


def test_of_an_exam_of_two_views_the_one_with_the_lesion_or_the_highest_score_is_shown(tmp_path):
    folder = prepared(
        tmp_path,
        {f"{name}.dcm": a_radiograph() for name in "abcd"},
        cases=["c1,p1,e1,,a.dcm", "c2,p1,e1,,b.dcm", "c3,p2,e2,,c.dcm", "c4,p2,e2,,d.dcm"],
        lesions=["c2,1,fracture,100,200,30,40"],
        said=["c3,fracture,0.6,,,,", "c4,fracture,0.8,,,,"],
        truth=["c1,fracture,positive", "c2,fracture,positive", "c3,fracture,negative", "c4,fracture,negative"],
    )
    record = run(folder)
    of_exam = [one.error for one in record.results.figures if one.error.endpoint == "exam"]
    assert [(one.kind, one.case_id) for one in of_exam] == [("false_negative", "c2"), ("false_positive", "c4")]
    assert of_exam[0].view.box == [100, 200, 30, 40]
    assert not of_exam[0].view.is_one_place


MM = """\
format: dmn-bench/protocol/1
id: images
reference_set: set
candidates:
  - {id: vendor, adapter: predictions, options: {path: said.csv}, operating_points: {nodule: {score_at_least: 0.5}}}
endpoints:
  - name: lesion
    task: detection
    finding: nodule
    unit: lesion
    hit_rule: {centre_in_region: true}
    metrics: [failure_rate]
statistics: {resamples: 200, seed: 7}
"""


@pytest.fixture
def scan(tmp_path):
    """Eight slices 2 mm apart, written in another order, a lesion in mm in the fifth, a false mark in the second."""
    root = tmp_path / "set"
    for at in (3, 0, 7, 1, 4, 2, 6, 5):
        values = np.full((120, 160), at * 100 - 1000, dtype=np.int16)
        saved(a_slice(values, 2.0 * at, "1.2.3", BurnedInAnnotation="NO"), root / "ct" / f"{(at * 5) % 8}.dcm")
    a_set(
        root,
        card=card_with(strata="{}", modality="CT", findings="[{name: nodule}]"),
        cases=["case_id,patient_id,exam_id,laterality,files", "c1,p1,e1,,ct"],
        truth=["case_id,finding,value", "c1,nodule,positive"],
        lesions=["case_id,lesion_id,finding,x_mm,y_mm,z_mm,diameter_mm", "c1,1,nodule,20,30,8.4,6"],
    )
    reference_set.lock(root)
    said = ["case_id,finding,score,x_mm,y_mm,z_mm,diameter_mm", "c1,nodule,0.8,10,20,1.9,4"]
    (tmp_path / "said.csv").write_text("\n".join(said) + "\n", encoding="utf-8")
    return tmp_path


def test_a_place_in_the_patient_is_shown_on_its_slice(scan):
    record = run(scan, protocol=MM)
    ((missed, svg),) = drawn(scan, record, "missed_lesion")
    assert missed.error.view.frame == 5
    assert missed.error.view.window == "lung"
    x, y = 20 / 0.25 + 0.5, 30 / 0.5 + 0.5  # the first pixel's middle is the origin of the patient
    assert missed.error.view.box == pytest.approx([x - 12, y - 6, 24, 12])
    (place, _), _ = panels(svg)
    assert place[2] / place[3] == pytest.approx(0.5, abs=0.02), "72 by 72 px of 0.25 by 0.5 mm"
    ((*ring,),) = lines(svg, BLUE)
    radius = (9 - 0.4**2) ** 0.5  # of the ball where the slice cuts it
    wide = max(x for x, _ in ring) - min(x for x, _ in ring)
    high = max(y for _, y in ring) - min(y for _, y in ring)
    assert wide == pytest.approx(2 * radius / (72 * 0.25) * place[2], rel=0.01)
    assert high == pytest.approx(wide, rel=0.01)
    ((false, svg),) = drawn(scan, record, "false_positive_mark")
    assert false.error.view.frame == 2
    assert lines(svg, BLUE) == [], "the lesion lies on other slices"
    assert len(lines(svg, ORANGE)) == 1


def test_only_the_slice_that_is_shown_is_read(scan, monkeypatch):
    from dmn_bench.inputs.dicom_image import DicomImageReader

    read, kept = DicomImageReader.read, []

    def noted(self, path):
        kept.append(path)
        return read(self, path)

    monkeypatch.setattr(DicomImageReader, "read", noted)
    run(scan, protocol=MM)
    assert all(path.is_file() for path in kept)
    assert len(kept) == 2


def test_a_place_in_the_patient_is_shown_in_a_volume_of_one_file(tmp_path):
    values = np.repeat(np.arange(8, dtype=np.int16)[:, None, None] * 100, 120, axis=1).repeat(160, axis=2)
    affine = np.diag([0.25, 0.5, 2.0, 1.0])  # LPS
    root = tmp_path / "set"
    a_nifti(root / "ct.nii", values, affine=affine, axes="RSA")
    a_set(
        root,
        card=card_with(strata="{}", modality="CT", findings="[{name: nodule}]"),
        cases=["case_id,patient_id,exam_id,laterality,files", "c1,p1,e1,,ct.nii"],
        truth=["case_id,finding,value", "c1,nodule,positive"],
        lesions=["case_id,lesion_id,finding,x_mm,y_mm,z_mm,diameter_mm", "c1,1,nodule,20,30,8.4,6"],
    )
    reference_set.lock(root)
    said = ["case_id,finding,score,x_mm,y_mm,z_mm,diameter_mm", "c1,nodule,0.1,10,20,1.9,4"]
    (tmp_path / "said.csv").write_text("\n".join(said) + "\n", encoding="utf-8")
    ((missed, svg),) = drawn(tmp_path, run(tmp_path, protocol=MM), "missed_lesion")
    assert missed.error.view.frame == 5
    assert missed.error.view.box == pytest.approx([80.5 - 12, 60.5 - 6, 24, 12])
    assert missed.error.view.spacing_source == "file"
    assert len(lines(svg, BLUE)) == 1
