import numpy as np
import pydicom
import pytest

from dmn_bench.errors import InputFileError, ReferenceSetError
from dmn_bench.inputs.dicom_ecg import DicomEcgReader
from dmn_bench.inputs.dicom_image import DicomImageReader
from dmn_bench.inputs.raster import RasterReader
from dmn_bench.inputs.requests import case_files, case_header, case_keys, files_of, find_reader, load_case
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.vocabulary import Case

from .factories import a_picture, a_record, a_slice, an_ecg, an_image, saved

READERS = (DicomImageReader(), RasterReader(), WfdbReader(), DicomEcgReader())
PIXELS = np.arange(12, dtype=np.uint16).reshape(3, 4)
SAMPLES = np.array([[0, 200], [100, -400]], dtype=np.int16)


def a_case(*files):
    return Case(case_id="c01", patient_id="p01", exam_id="e01", laterality="L", files=files, strata={"sex": "F"})


def load(case, root, tmp_path, receives="array"):
    return load_case(case, root, receives=receives, readers=READERS, request_id="q7", scratch=tmp_path / "scratch")


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "set"
    saved(
        an_image(PIXELS, PatientName="X^Y", StudyInstanceUID="1.2.3", AccessionNumber="A7", ViewPosition="PA"),
        folder / "files" / "wrist-of-x.dcm",
    )
    a_picture(folder / "files" / "b.png", np.zeros((5, 6, 3), dtype=np.uint8))
    a_record(folder / "ecg", SAMPLES, leads=("AVR", "someone"))
    saved(an_ecg(SAMPLES), folder / "ecg" / "e.dcm")
    for z in (2, 1):
        saved(a_slice(PIXELS + z, z, "1.9"), folder / "series" / f"{z}.dcm")
    return folder


def test_images_get_neutral_names_in_the_order_of_the_case(root, tmp_path):
    request, origin = load(a_case("files/b.png", "files/wrist-of-x.dcm"), root, tmp_path)
    assert request.request_id == "q7"
    assert [image.name for image in request.images] == ["image-1", "image-2"]
    assert origin.images == {"image-1": "files/b.png", "image-2": "files/wrist-of-x.dcm"}
    assert origin.image_sizes == {"files/b.png": (6, 5), "files/wrist-of-x.dcm": (4, 3)}
    uid = str(pydicom.dcmread(root / "files" / "wrist-of-x.dcm").SOPInstanceUID)
    assert origin.sop_instance_uids == {uid: "files/wrist-of-x.dcm"}
    assert len(origin.decoders) == 2
    assert request.images[1].view == "PA"
    for secret in ("wrist", "X^Y", "c01", "p01", "A7", "1.2.3"):
        assert secret not in repr(request)


def test_a_recording_is_one_set_of_signals_with_neutral_leads(root, tmp_path):
    for path, leads in (("ecg/r01", ("aVR", "lead-2")), ("ecg/r01.hea", ("aVR", "lead-2")), ("ecg/e.dcm", ("I", "II"))):
        request, _ = load(a_case(path), root, tmp_path)
        assert request.images == ()
        assert request.signals.leads == leads
        assert request.signals.samples.shape == (2, 2)
    with pytest.raises(ReferenceSetError, match="several_recordings"):
        load(a_case("ecg/r01", "ecg/e.dcm"), root, tmp_path)


def test_a_series_is_one_image_that_answers_for_all_its_uids(root, tmp_path):
    request, origin = load(a_case("series"), root, tmp_path)
    assert request.images[0].n_frames == 2
    assert set(origin.sop_instance_uids.values()) == {"series"}
    assert len(origin.sop_instance_uids) == 2
    assert origin.image_sizes == {"series": (4, 3)}


def test_copies_are_neutral_and_their_uids_lead_back(root, tmp_path):
    request, origin = load(a_case("files/wrist-of-x.dcm", "series"), root, tmp_path, receives="dicom")
    assert request.images == ()
    scratch = tmp_path / "scratch"
    names = [path.relative_to(scratch).as_posix() for path in request.files]
    assert names == ["image-1.dcm", "image-2/0001.dcm", "image-2/0002.dcm"]
    for path, written in zip(request.files, ["files/wrist-of-x.dcm", "series", "series"], strict=True):
        assert b"X^Y" not in path.read_bytes()
        assert origin.sop_instance_uids[str(pydicom.dcmread(path).SOPInstanceUID)] == written
    assert len(origin.sop_instance_uids) == 6
    assert origin.images == {"image-1": "files/wrist-of-x.dcm", "image-2": "series"}
    assert origin.image_sizes == {"files/wrist-of-x.dcm": (4, 3), "series": (4, 3)}


def test_other_forms_of_copies(root, tmp_path):
    request, _ = load(a_case("ecg/r01"), root, tmp_path, receives="wfdb")
    assert [path.name for path in request.files] == ["record-1.hea", "record-1.dat"]
    request, _ = load(a_case("files/b.png", "files/wrist-of-x.dcm"), root, tmp_path, receives="file")
    assert [path.name for path in request.files] == ["image-1.png", "image-2.dcm"]


@pytest.mark.parametrize(
    ("path", "receives", "key"),
    [
        ("files/b.png", "dicom", "inputs.form_not_available"),
        ("files/b.png", "wfdb", "inputs.form_not_available"),
        ("ecg/r01", "dicom", "inputs.form_not_available"),
        ("files/b.png", "fax", "inputs.form_unknown"),
    ],
)
def test_a_form_that_the_files_do_not_have_is_refused(root, tmp_path, path, receives, key):
    with pytest.raises(ReferenceSetError) as caught:
        load(a_case(path), root, tmp_path, receives=receives)
    assert caught.value.problems[0].key == key


def test_a_case_without_files_cannot_be_asked_about(root, tmp_path):
    with pytest.raises(ReferenceSetError, match="case_without_files"):
        load(a_case(), root, tmp_path)
    assert case_header(a_case(), root, READERS) == {}


def test_every_bad_path_is_reported_at_once(root, tmp_path):
    (tmp_path / "secret.png").write_bytes((root / "files" / "b.png").read_bytes())
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    (root / "linked").symlink_to(tmp_path)
    (root / "notes.txt").write_text("no image")
    bad = [
        "../secret.png",
        str(tmp_path / "secret.png"),
        "link.png",
        "linked/secret.png",
        "C:\\x.png",
        "absent.png",
        "",
    ]
    with pytest.raises(ReferenceSetError) as caught:
        case_files(a_case(*bad, "notes.txt", "files/b.png"), root, READERS)
    assert [problem.key for problem in caught.value.problems] == [
        *["inputs.path_outside"] * 5,
        "inputs.file_missing",
        "inputs.path_outside",
        "inputs.no_reader",
    ]


def test_a_file_has_one_reader_or_none(root):
    assert find_reader(root / "ecg" / "e.dcm", READERS).name == "dicom-ecg"
    with pytest.raises(InputFileError) as caught:
        find_reader(root / "files" / "b.png", (RasterReader(), RasterReader()))
    assert caught.value.problems[0].key == "inputs.several_readers"


def test_the_keys_of_a_case_are_every_name_a_vendor_may_use(root):
    keys = case_keys(a_case("files/wrist-of-x.dcm", "files/b.png"), root, READERS)
    assert keys.study_instance_uids == ("1.2.3",)
    assert keys.accession_numbers == ("A7",)
    assert list(keys.sop_instance_uids.values()) == ["files/wrist-of-x.dcm"]
    assert keys.image_sizes == {"files/wrist-of-x.dcm": (4, 3), "files/b.png": (6, 5)}
    assert case_keys(a_case(), root, READERS).image_sizes is None


def test_the_header_of_a_case_is_that_of_its_first_file(root):
    assert case_header(a_case("files/wrist-of-x.dcm", "files/b.png"), root, READERS)["ViewPosition"] == "PA"
    assert case_header(a_case("ecg/r01"), root, READERS)["SamplingFrequency"] == "360"


# ------------------------------------------------------------------------------------------------ the files of a case


def files(root, *written, **truth):
    return files_of(a_case(*written), root, READERS, **truth)


def test_the_files_of_a_case_are_those_that_its_request_is_made_from(root, tmp_path):
    (root / "ecg" / "r01.atr").write_bytes(b"beats")
    (root / "series" / "truth.txt").write_text("positive")
    (root / "series" / ".hidden.dcm").write_bytes((root / "series" / "1.dcm").read_bytes())
    (root / "truth.csv").write_text("case_id,finding,value\n")
    expected = {
        "files/b.png": ("files/b.png",),
        "files/wrist-of-x.dcm": ("files/wrist-of-x.dcm",),
        "ecg/r01": ("ecg/r01.hea", "ecg/r01.dat"),
        "ecg/r01.hea": ("ecg/r01.hea", "ecg/r01.dat"),
        "ecg/e.dcm": ("ecg/e.dcm",),
        "series": ("series/1.dcm", "series/2.dcm"),
        "series/": ("series/1.dcm", "series/2.dcm"),
    }
    assert {written: files(root, written) for written in expected} == expected
    assert files(root, "series", "files/b.png", "series/") == ("series/1.dcm", "series/2.dcm", "files/b.png")
    assert files(root) == ()


def test_with_its_files_alone_a_case_makes_the_same_request_elsewhere(root, tmp_path):
    (root / "series" / "truth.txt").write_text("positive")
    for written in ("files/b.png", "files/wrist-of-x.dcm", "ecg/r01", "ecg/e.dcm", "series"):
        case, elsewhere = a_case(written), tmp_path / "elsewhere" / written.replace("/", "-")
        for name in files_of(case, root, READERS):
            (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
            (elsewhere / name).write_bytes((root / name).read_bytes())
        for receives in ("array", "file"):
            (here, origin), (there, moved) = (load(case, place, tmp_path, receives) for place in (root, elsewhere))
            assert repr(there) == repr(here)
            if receives == "array":  # copies have new UIDs each time
                assert moved == origin


def test_what_holds_truth_is_no_file_of_a_case_even_where_a_header_or_folder_brings_it_in(root):
    for name in ("r01.atr", "truth.csv", "r01.json"):
        (root / "ecg" / name).write_bytes((root / "ecg" / "r01.dat").read_bytes())
    hea = root / "ecg" / "r01.hea"
    for name in ("r01.atr", "truth.csv", "r01.json"):
        hea.write_text(hea.read_text().replace("r01.dat", name, 1))
        assert files(root, "ecg/r01", annotator="atr") == ("ecg/r01.hea", "ecg/r01.dat")
        hea.write_text(hea.read_text().replace(name, "r01.dat", 1))
    saved(an_image(PIXELS), root / "series" / "mask.dcm")
    assert "series/mask.dcm" not in files(root, "series", masks=("series/mask.dcm",))
    hea.write_text("no header, but truth.csv 16\n")
    with pytest.raises(ReferenceSetError):
        files(root, "ecg/r01")
    hea.write_text("r01 2 360 2\n../truth.csv 16 200 16 0 0 0 0 I\nr01.dat 16 200 16 0 0 0 0 II\n")
    assert files(root, "ecg/r01") == ("ecg/r01.hea",)


def test_a_case_that_cannot_be_read_has_no_files_to_send(root):
    with pytest.raises(ReferenceSetError) as caught:
        files(root, "absent.dcm", "../x.dcm", "files/b.png")
    assert [problem.key for problem in caught.value.problems] == ["inputs.file_missing", "inputs.path_outside"]


def test_every_copy_leads_back_to_the_object_it_was_made_of(root, tmp_path):
    request, origin = load(a_case("series", "files/wrist-of-x.dcm"), root, tmp_path, "dicom")
    by_pixels = {
        pydicom.dcmread(path).PixelData: pydicom.dcmread(path).SOPInstanceUID
        for path in root.rglob("*.dcm")
        if "ecg" not in str(path)
    }
    assert len(by_pixels) == len(request.files) == 3
    for copy in map(pydicom.dcmread, request.files):
        assert origin.originals[copy.SOPInstanceUID] == by_pixels[copy.PixelData]
