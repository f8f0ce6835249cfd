"""LIDC-IDRI's four readers: their outlines as voxels, and what other programs measured between them."""

import csv
import gzip
import json

import numpy as np
import pytest

from dmn_bench.reference_set import load
from tests.shared_data import shared_data

from .running import built, protocol_of, recipe, rows_of, run

SCANS = ("LIDC-IDRI-0001", "LIDC-IDRI-0002")
XML = """<LidcReadMessage xmlns="http://www.nih.gov">
<readingSession><unblindedReadNodule><noduleID>A</noduleID>{rois}</unblindedReadNodule></readingSession>
</LidcReadMessage>"""


@pytest.fixture(scope="module")
def source():
    return shared_data("imaging/ct_lidc")


@pytest.fixture(scope="module", params=SCANS)
def scan(request, source, tmp_path_factory):
    """(folder, record, oracle) of one scan, the lines themselves filled as the other programs had them."""
    pytest.importorskip("SimpleITK")  # one of the other rules is STAPLE
    folder, name = tmp_path_factory.mktemp(request.param), request.param
    built("lidc", source / name, folder / "set", with_outline=True)
    oracle = json.loads((source / name / "oracle_segmentation.json").read_text(encoding="utf-8"))
    return folder, run(protocol_of("lidc", source / name, folder / "set"), folder), oracle


def voxels(path):
    """Number of voxels of a mask: what follows the header of 352 bytes is 0 or 1."""
    return int(np.frombuffer(gzip.decompress(path.read_bytes()), dtype=np.uint8, offset=352).sum())


def test_filled_with_their_lines_the_outlines_have_the_voxels_of_the_other_program(scan):
    folder, _, oracle = scan
    masks = {row["reader"]: voxels(folder / "set" / row["file"]) for row in rows_of(folder / "set" / "masks.csv")}
    assert masks == oracle["voxels"]


def test_readers_agree_pair_by_pair_as_two_other_programs_found(scan):
    _, record, oracle = scan
    found = {
        (f"{row['against']}-{row['reader']}", row["estimate"]["metric"]): row
        for row in record["results"]["readers"]
        if row["against"] and not row["candidate"]
    }
    found |= {(f"{row['reader']}-{row['against']}", metric): row for (_, metric), row in found.items()}
    for pair, theirs in oracle["pairs"].items():
        for metric, name in (("dice", "dice"), ("nsd", "nsd_1mm_deepmind")):
            row = found[pair, metric]
            assert row["n_units"] == 1
            assert row["smallest"] == row["largest"] == pytest.approx(theirs[name], abs=1e-9), (pair, metric)


def test_a_nodule_that_two_of_four_drew_is_there_or_not_by_the_rule(source, tmp_path):
    built("lidc", source / SCANS[1], tmp_path / "set")
    drawn = [row for row in rows_of(tmp_path / "set" / "readings.csv") if row["value"] == "positive"]
    assert [row["reader_id"] for row in drawn] == ["reader3", "reader4"]
    loaded = load(tmp_path / "set")
    assert all(row.lesion.ignore for row in loaded.lesions)  # three of four are the majority
    card = tmp_path / "set" / "reference_set.yaml"
    (tmp_path / "set" / "LOCK.json").unlink()
    two = card.read_text(encoding="utf-8").replace("{rule: majority,", "{rule: at_least, at_least: 2,")
    card.write_text(two, encoding="utf-8")
    counted = [row.lesion for row in load(tmp_path / "set").lesions if not row.lesion.ignore]
    assert len(counted) == 1
    assert counted[0].diameter_mm == pytest.approx(10.7, abs=0.2)


def test_what_readers_meant_is_smaller_by_the_line(source, tmp_path):
    for name in SCANS:
        for with_outline in (True, False):
            recipe("lidc").build(source / name, tmp_path / f"{name}{with_outline}", with_outline=with_outline)
        for row in rows_of(tmp_path / f"{name}True" / "masks.csv"):
            outer, inner = (voxels(tmp_path / f"{name}{which}" / row["file"]) for which in (True, False))
            assert inner < outer or outer == 0


def test_places_of_nodules_are_those_of_their_slices_in_the_patient(source, tmp_path):
    recipe("lidc").build(source, tmp_path / "set")
    lesions = [row for row in rows_of(tmp_path / "set" / "lesions.csv") if row["ignore"] == "no"]
    heights = {row["reader"]: float(row["z_mm"]) for row in lesions if row["case_id"] == SCANS[0]}
    assert set(heights) == {"reader1", "reader2", "reader3", "reader4"}
    assert all(-125 <= height <= -105 for height in heights.values())  # between its first and last slice by the XML
    # The same place read from the XML: x and y of the outline times the spacing, from the first voxel
    drawn = recipe("lidc").readers_of(source / SCANS[0] / "annotations_4readers.xml")["reader1"]["Nodule 001"]
    xs = [x for rois in drawn.values() for roi in rois for x, _ in roi.points]
    first = next(row for row in lesions if row["reader"] == "reader1")
    assert float(first["x_mm"]) == pytest.approx(-166.0 + 0.703125 * np.mean([min(xs), max(xs)]), abs=3)
    assert sum(row["ignore"] == "yes" for row in rows_of(tmp_path / "set" / "lesions.csv")) == 11


def an_xml(path, *rois):
    text = "".join(
        f"<roi><imageSOP_UID>{uid}</imageSOP_UID><inclusion>{inclusion}</inclusion>"
        + "".join(f"<edgeMap><xCoord>{x}</xCoord><yCoord>{y}</yCoord></edgeMap>" for x, y in points)
        + "</roi>"
        for uid, inclusion, points in rois
    )
    path.write_text(XML.format(rois=text), encoding="utf-8")
    return path


def square(low, high):
    side = range(low, high)
    return [*((i, low) for i in side), *((high, i) for i in side), *((high + low - i, high) for i in side),
            *((low, high + low - i) for i in side)]  # fmt: skip


@pytest.mark.parametrize(("with_outline", "expected"), [(True, 81 - 9), (False, 49 - 1)])
def test_a_line_that_excludes_is_a_hole(tmp_path, with_outline, expected):
    lidc = recipe("lidc")
    path = an_xml(tmp_path / "a.xml", ("1.2", "FALSE", square(4, 6)), ("1.2", "TRUE", square(1, 9)))
    rois = lidc.readers_of(path)["reader1"]["A"]["1.2"]
    assert [roi.is_hole for roi in rois] == [True, False]
    assert lidc.pixels(rois, 12, 12, with_outline=with_outline).sum() == expected


def test_a_cut_or_foreign_or_senseless_file_is_named(tmp_path):
    lidc, error = recipe("lidc"), recipe("building").RecipeError
    (tmp_path / "cut.xml").write_text("<LidcReadMessage><reading", encoding="utf-8")
    (tmp_path / "other.xml").write_text("<other/>", encoding="utf-8")
    an_xml(tmp_path / "word.xml", ("1.2", "TRUE", [("x", 3)]))
    an_xml(tmp_path / "nameless.xml", ("", "TRUE", [(1, 3)]))
    for name, said in (("cut", "XML"), ("other", "readingSession"), ("word", "xCoord"), ("nameless", "imageSOP_UID")):
        with pytest.raises(error, match=said):
            lidc.readers_of(tmp_path / f"{name}.xml")
    rois = lidc.readers_of(an_xml(tmp_path / "far.xml", ("1.2", "TRUE", [(-1, 3), (5, 5)])))["reader1"]["A"]["1.2"]
    with pytest.raises(error, match="leaves"):
        lidc.pixels(rois, 12, 12, with_outline=True)
    with pytest.raises(error, match="no folder"):
        lidc.build(tmp_path, tmp_path / "set")


def test_a_slice_that_is_missing_is_named(source, tmp_path):
    from_here = tmp_path / SCANS[0]
    from_here.mkdir()
    files = sorted((source / SCANS[0]).iterdir())
    for path in (path for path in files if path.name != "-115.000000.dcm"):
        (from_here / path.name).symlink_to(path)
    with pytest.raises(recipe("building").RecipeError, match="even distances"):
        recipe("lidc").build(from_here, tmp_path / "set")


def test_the_list_of_files_is_that_of_the_folder(source):
    with (recipe("building").HERE / "lidc.files.csv").open(encoding="utf-8", newline="") as stream:
        listed = {row["path"] for row in csv.DictReader(stream)}
    there = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.suffix in (".dcm", ".xml")}
    assert listed == there
