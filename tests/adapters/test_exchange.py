"""Requests as folders and answers out of them, without a program: what is written, and what is not taken."""

import json
import os
import socket
from pathlib import Path

import numpy as np
import pytest

from dmn_bench.adapters.dicom_rules import DicomRules
from dmn_bench.adapters.exchange_answers import json_answer
from dmn_bench.adapters.exchange_folder import NotSuitableError, copied_files, image_names, write_request
from dmn_bench.adapters.exchange_output import Limits, OutputError, excess, files_in, remove
from dmn_bench.adapters.exchange_runner import INPUT, OUTPUT, Exchange, exchanged
from dmn_bench.adapters.picture_png import png_bytes
from dmn_bench.adapters.watched_program import Ended
from dmn_bench.execution.loading import loader
from dmn_bench.execution.variations import renamed
from dmn_bench.inputs.dicom_file import open_dicom
from dmn_bench.inputs.dicom_image import DicomImageReader
from dmn_bench.inputs.raster import RasterReader
from dmn_bench.vocabulary import Case
from tests.inputs.factories import a_slice, an_image, saved
from tests.inputs.result_factories import box, group, image, measurements, number

from .programs_kit import a_command, a_package, a_request

LIMITS = Limits(files=100, megabytes=10)
ANSWER = {"status": "answered", "findings": {"square": {"score": 0.5}}}


def taken(folder, request_id="r1"):
    return json_answer(folder, request_id, LIMITS)


def refusal(folder):
    with pytest.raises(OutputError) as caught:
        taken(folder)
    return str(caught.value)


def asked(tmp_path, requests, write, *, code=0, **exchange):
    """What becomes of requests when a program does ``write(input, output)`` and ends with ``code``."""

    def start(work, _):
        write(work / INPUT, work / OUTPUT)
        return Ended(code=code, last_line="the last line")

    return exchanged(requests, Exchange(**exchange), start=start, place=tmp_path)


# ------------------------------------------------------------------------------------------------------ the request


def test_a_request_lies_there_as_json_with_its_pixels_beside_it(tmp_path):
    request = a_request(level=77)
    write_request(request, tmp_path / "in", arrays="npy")
    said = json.loads((tmp_path / "in" / "request.json").read_text())
    assert said == {
        "format": "dmn-bench/exchange/1",
        "request_id": "r1",
        "images": [
            {
                "name": "image-1",
                "photometric": "grey",
                "spacing_mm": [0.2, 0.1],
                "spacing_source": "PixelSpacing",
                "n_frames": 1,
                "modality": "DX",
                "view": "PA",
                "laterality": "L",
                "bits_stored": 8,
                "files": ["image-1.npy"],
                "shape": [6, 5],
                "dtype": "uint8",
            }
        ],
    }
    assert (np.load(tmp_path / "in" / "image-1.npy") == request["images"][0]["pixels"]).all()


def test_a_recording_says_its_units(tmp_path):
    samples = np.array([[0.5, np.nan], [-0.25, 1.0]])
    request = {"request_id": "r1", "signals": samples, "sampling_hz": 500.0, "leads": ["I", "V1"]}
    write_request(request, tmp_path / "in", arrays="npy")
    said = json.loads((tmp_path / "in" / "request.json").read_text())["signals"]
    assert said == {"file": "signals.npy", "shape": [2, 2], "units": "mV", "sampling_hz": 500.0, "leads": ["I", "V1"]}
    assert np.array_equal(np.load(tmp_path / "in" / "signals.npy"), samples, equal_nan=True)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pixels_as_png_are_the_same_pixels(tmp_path, dtype):
    request = a_request()
    request["images"][0]["pixels"] = np.arange(30, dtype=dtype).reshape(6, 5) * 7
    write_request(request, tmp_path / "in", arrays="png")
    (image,), _, _ = RasterReader().read(tmp_path / "in" / "image-1.png")
    assert (image.pixels == request["images"][0]["pixels"]).all()
    assert image.pixels.dtype == dtype


def test_frames_are_pictures_of_their_own(tmp_path):
    request = a_request()
    request["images"][0] |= {"pixels": np.zeros((2, 6, 5), np.uint8), "n_frames": 2}
    write_request(request, tmp_path / "in", arrays="png")
    said = json.loads((tmp_path / "in" / "request.json").read_text())["images"][0]["files"]
    assert said == ["image-1-0001.png", "image-1-0002.png"]
    assert all((tmp_path / "in" / name).is_file() for name in said)


def test_hounsfield_units_are_not_squeezed_into_a_png(tmp_path):
    request = a_request()
    request["images"][0]["pixels"] = np.full((6, 5), -1000, np.int16)
    with pytest.raises(NotSuitableError, match="image-1: an array of int16"):
        write_request(request, tmp_path / "in", arrays="png")


def test_copies_keep_their_names_and_a_series_its_folder(tmp_path):
    for name in ("image-1.dcm", "image-2/0001.dcm", "image-2/0002.dcm", "image-3/0001.dcm"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    files = [path for path in sorted(tmp_path.rglob("*.dcm"))]
    write_request(a_request(files=files), tmp_path / "in", arrays="npy")
    said = json.loads((tmp_path / "in" / "request.json").read_text())["files"]
    assert said == ["image-1.dcm", "image-2/0001.dcm", "image-2/0002.dcm", "image-3/0001.dcm"]
    assert [(tmp_path / "in" / name).read_text() for name in said] == said


def test_two_series_stay_two_whatever_their_folders_are_called(tmp_path):
    for name in ("9a29/0001.dcm", "9a29/0002.dcm", "123456789012/0001.dcm", "123456789012/0002.dcm"):
        (tmp_path / "request" / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / "request" / name).write_text(name)
    files = sorted((tmp_path / "request").rglob("*.dcm"))
    write_request(a_request(files=files), tmp_path / "in", arrays="npy")
    said = json.loads((tmp_path / "in" / "request.json").read_text())["files"]
    assert said == ["123456789012/0001.dcm", "123456789012/0002.dcm", "9a29/0001.dcm", "9a29/0002.dcm"]
    assert [(tmp_path / "in" / name).read_text() for name in said] == said
    assert image_names(files) == ["123456789012", "123456789012", "9a29", "9a29"]


def test_one_series_keeps_its_folder_and_single_images_whose_names_are_digits_get_none():
    series = [Path(f"request/a1/{place:04d}.dcm") for place in range(1, 12)]
    assert image_names(series) == ["a1"] * 11
    assert image_names([Path("request/123456789012.dcm"), Path("request/2.dcm")]) == ["123456789012", "2"]


def test_the_slices_of_a_renamed_question_reach_a_program_as_they_were(tmp_path):
    for series, place in [(1, 1), (1, 2), (2, 1), (2, 2)]:
        pixels = np.full((4, 4), 10 * series + place, np.uint16)
        saved(a_slice(pixels, place, f"1.2.{series}"), tmp_path / "set" / f"s{series}" / f"{place}.dcm")
    case = Case(case_id="c", patient_id="p", exam_id="e", laterality="", files=("s1", "s2"), strata={})
    (tmp_path / "request").mkdir()
    load = renamed(loader(tmp_path / "set", receives="dicom", readers=[DicomImageReader()]))
    request, origin = load(case, tmp_path / "request")
    names = copied_files([str(path) for path in request.files], tmp_path)
    found = [int(open_dicom(tmp_path / name, pixels=True).pixel_array[0, 0]) for name in names]
    assert found == [11, 12, 21, 22]
    assert list(dict.fromkeys(image_names(request.files))) == list(origin.images)


def test_no_copy_takes_the_place_of_another(tmp_path):
    for name in ("a/image-1.dcm", "b/image-1.dcm"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(name)
    with pytest.raises(ValueError, match="two files of a request have one name"):
        copied_files([str(path) for path in sorted(tmp_path.rglob("*.dcm"))], tmp_path)


# ------------------------------------------------------------------------------------------------------- the answer


def test_an_answer_is_read_with_its_masks(tmp_path):
    inside = np.array([[0, 1], [1, 0]], np.uint8)
    np.save(tmp_path / "a.npy", inside.astype(bool))
    np.save(tmp_path / "f.npy", np.asfortranarray(inside))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.png").write_bytes(png_bytes(inside * 255))
    (tmp_path / "c.png").write_bytes(png_bytes(inside))
    names = ("a.npy", "f.npy", "deep/b.png", "c.png")
    masks = [{"structure": "s", "file": name} for name in names]
    (tmp_path / "answer.json").write_text(json.dumps({"request_id": "r1", **ANSWER, "masks": masks}))
    found = taken(tmp_path)
    assert "request_id" not in found
    assert [mask["structure"] for mask in found["masks"]] == ["s"] * 4
    for mask in found["masks"]:
        assert set(mask) == {"structure", "array"}
        assert (mask["array"] == inside).all()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "answer.json: expected a JSON object, found nothing"),
        (b"\xff\xfe\x00", "answer.json: expected JSON in UTF-8, found byte 0xff"),
        (b'{"status": "answ', "answer.json: expected a JSON object, found Unterminated string starting at"),
        (b"[1, 2]", "answer.json: expected a JSON object, found list"),
        (b'{"status": "x", "status": "y"}', "an object that gives the same key twice"),
        (b"[" * 100_000, "answer.json: expected a JSON object, found "),
        (b'{"request_id": "r2", "status": "abstained"}', "answer.json, request_id: expected r1, found r2"),
        (b'{"request_id": 1, "status": "abstained"}', "answer.json, request_id: expected r1, found 1"),
        (b'{"masks": [{"file": "../m.npy"}]}', "masks[0].file: expected a file in the output folder, found ../m.npy"),
        (b'{"masks": [{"structure": "s"}]}', "masks[0].file: expected a file in the output folder, found none"),
    ],
)
def test_what_is_no_answer_says_why(tmp_path, content, reason):
    (tmp_path / "answer.json").write_bytes(content)
    assert reason in refusal(tmp_path)


def a_huge_header(path):
    with path.open("wb") as stream:
        np.lib.format.write_array_header_1_0(
            stream, {"descr": "|u1", "fortran_order": False, "shape": (1 << 20, 1 << 20)}
        )


def objects(path):
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (a_huge_header, "m: 0 bytes for uint8 [1048576, 1048576]"),
        (objects, "m: "),
        (lambda path: path.write_bytes(b"\x93NUMPY\x01\x00"), "m: expected a NumPy file"),
        (lambda path: path.write_bytes(b"nothing"), "m: expected a NumPy or PNG file, found something else"),
        (lambda path: path.write_bytes(png_bytes(np.zeros((9, 9), np.uint8))[:60]), "m: expected a sound PNG file"),
        (
            lambda path: path.write_bytes(png_bytes(np.full((1, 2), [7, 255], np.uint8))),
            "m: expected 0 and 1, or 0 and",
        ),
        (
            lambda path: path.write_bytes(png_bytes(np.zeros((2, 2, 3), np.uint8))),
            "expected whole numbers [rows, columns]",
        ),
    ],
)
def test_a_mask_that_is_none_says_why(tmp_path, write, reason):
    with (tmp_path / "m").open("wb"):
        pass
    write(tmp_path / "m")
    if (tmp_path / "m.npy").exists():
        (tmp_path / "m.npy").rename(tmp_path / "m")
    (tmp_path / "answer.json").write_text(json.dumps({**ANSWER, "masks": [{"structure": "s", "file": "m"}]}))
    assert reason in refusal(tmp_path)


# -------------------------------------------------------------------------------------------- what else may lie there


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.symlink_to("/etc/hostname"), "answer.json: expected a plain file, found a link"),
        (os.mkfifo, "answer.json: expected a plain file, found a pipe"),
        (
            lambda path: socket.socket(socket.AF_UNIX).bind(str(path)),
            "answer.json: expected a plain file, found a socket",
        ),
        (Path.mkdir, "no output: expected answer.json, found answer.json/"),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_only_plain_files_are_taken(tmp_path, monkeypatch, make, reason):
    monkeypatch.chdir(tmp_path)  # the name of a socket is at most 108 bytes
    make(Path("answer.json"))
    assert refusal(tmp_path) == reason


def test_too_many_files_and_too_large_ones_are_beyond_the_limits(tmp_path):
    for i in range(101):
        (tmp_path / str(i)).write_text("")
    assert excess(tmp_path, LIMITS) == "output folder: expected at most 100 files and folders, found more"
    assert "at most 100 files" in refusal(tmp_path)
    remove(tmp_path)
    tmp_path.mkdir()
    with (tmp_path / "holes").open("wb") as stream:
        stream.truncate(1 << 40)
    assert excess(tmp_path, LIMITS) == "output folder: expected at most 10 MiB, found more"


def test_names_of_odd_bytes_are_shown_and_cost_nothing(tmp_path):
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n.txt"))).write_text("")
    assert refusal(tmp_path) == "no output: expected answer.json, found \\xff\n.txt"
    (tmp_path / "answer.json").write_text(json.dumps(ANSWER))
    assert taken(tmp_path) == ANSWER
    assert len(files_in(tmp_path, LIMITS)) == 2


def test_a_folder_that_nobody_may_open_is_removed_all_the_same(tmp_path):
    inner = tmp_path / "out" / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "file").write_text("")
    inner.chmod(0)
    inner.parent.chmod(0)
    remove(tmp_path / "out")
    assert not (tmp_path / "out").exists()


# ------------------------------------------------------------------------------------------------- one case, one batch


def write_answer(_, output):
    (output / "answer.json").write_text(json.dumps(ANSWER))


def test_nothing_stays_of_an_exchange(tmp_path):
    assert asked(tmp_path, [a_request()], write_answer) == [ANSWER]
    assert list(tmp_path.iterdir()) == []


def test_an_exit_code_with_a_meaning_is_an_answer_and_any_other_none(tmp_path):
    def nothing(*_):
        pass

    statuses = {"3": "abstained"}
    said = {"status": "abstained", "reason": "the last line"}
    assert asked(tmp_path, [a_request()], nothing, code=3, exit_statuses=statuses) == [said]
    for code, shown in ((4, "exited with code 4"), (-11, "died with signal 11")):
        with pytest.raises(OutputError, match=f"^{shown}; last line printed: the last line$"):
            asked(tmp_path, [a_request()], write_answer, code=code, exit_statuses=statuses)
    with pytest.raises(OutputError, match=r"exit code 3 says abstained, answer.json says 'answered'"):
        asked(tmp_path, [a_request()], write_answer, code=3, exit_statuses=statuses)


def test_a_request_that_cannot_be_put_is_rejected_and_costs_no_other(tmp_path):
    odd = a_request("r1")
    odd["images"][0]["pixels"] = np.zeros((2, 2))
    asked_of = []

    def write(source, output):
        asked_of.extend(path.name for path in source.iterdir())
        for path in source.iterdir():
            write_answer(None, output / path.name)

    first, second = asked(tmp_path, [odd, a_request("r2")], write, arrays="png", batch=2)
    assert first["status"] == "rejected_input"
    assert (second, asked_of) == (ANSWER, ["r2"])


def by_line(*lines):
    def write(_, output):
        (output / "answers.jsonl").write_text("\n".join(lines) + "\n")

    return write


def a_line(request_id):
    return json.dumps({"request_id": request_id, **ANSWER})


def both_ways(_, output):
    by_line(a_line("r1"))(None, output)
    for name in ("r1", "r2"):
        write_answer(None, output / name)


def for_a_stranger(_, output):
    (output / "r3").mkdir()
    for name in ("r2", "r3"):
        write_answer(None, output / name)


def link_in_place_of_a_folder(_, output):
    (output / "r1").rmdir()
    (output / "r1").symlink_to(output / "r2")
    write_answer(None, output / "r2")


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (by_line(a_line("r2")), "no output: expected answer.json, found nothing"),
        (by_line(a_line("r1"), a_line("r2"), a_line("r1")), "2 answers to one request, expected one"),
        (both_ways, "2 answers to one request, expected one"),
        (by_line(a_line("r2"), a_line("r1")[:30]), "answers.jsonl, line 2: expected a JSON object"),
        (by_line(a_line("r2"), json.dumps(ANSWER)), "answers.jsonl, line 2: expected a request_id, found none"),
        (by_line(a_line("r2"), a_line("r3")), "answers to no request of the batch: r3"),
        (for_a_stranger, "answers to no request of the batch: r3"),
        (link_in_place_of_a_folder, "output/r1: expected the folder that was made for it, found none"),
    ],
)
def test_what_is_wrong_with_one_case_of_a_batch_costs_no_other(tmp_path, write, reason):
    first, second = asked(tmp_path, [a_request("r1"), a_request("r2")], write, batch=2)
    assert second == ANSWER
    assert isinstance(first, OutputError)
    assert reason in str(first)


def test_a_batch_of_one_lies_there_as_any_other_batch(tmp_path):
    def write(source, output):
        assert (source / "r1" / "request.json").is_file()
        write_answer(None, output / "r1")

    assert asked(tmp_path, [a_request("r1")], write, batch=3) == [ANSWER]


# ------------------------------------------------------------------------------------------- answers as DICOM objects


def a_copy(tmp_path):
    return saved(an_image(np.zeros((40, 30), np.uint16)), tmp_path / "request" / "image-1.dcm")


def a_finding(uid, score="0.5"):
    return measurements(group(number(score), image(uid)), group(number("0.8"), box(1, 2, 3, 4, uid)))


def by_objects(tmp_path, *uids, batch=1):
    copy = a_copy(tmp_path)
    own = open_dicom(copy, pixels=False).SOPInstanceUID

    def write(source, output):
        names = sorted(path.relative_to(source) for path in source.rglob("*.dcm"))
        for place, (name, uid) in enumerate(zip(names, uids, strict=True)):
            saved(a_finding(uid or own), output / name.parent / f"{place}.dcm")
        (output / "log.txt").write_text("a log is no object")

    requests = [a_request(f"r{n}", files=[copy]) for n in range(1, len(uids) + 1)]
    return asked(tmp_path, requests, write, results="dicom", batch=batch)


def test_objects_are_read_under_the_neutral_names_of_the_images(tmp_path):
    copies = [saved(an_image(np.zeros((40, 30), np.uint16)), tmp_path / f"image-{n}.dcm") for n in (1, 2)]
    second = open_dicom(copies[1], pixels=False).SOPInstanceUID

    def write(_, output):
        saved(a_finding(second), output / "deep" / "report")

    rules = {"silent_images": "accepted"}
    (answer,) = asked(tmp_path, [a_request(files=copies)], write, results="dicom", dicom=rules)
    assert answer["findings"]["nodule"]["score"] == 0.5
    (mark,) = answer["marks"]
    assert (mark["image"], mark["x"], mark["score"]) == ("image-2", 1.0, 0.8)


def test_an_object_of_an_unknown_instance_fails_its_own_case_alone(tmp_path):
    first, second = by_objects(tmp_path, "1.2.3.4.5", None, batch=2)
    assert isinstance(first, OutputError)
    assert "1.2.3.4.5" in str(first)
    assert second["status"] == "answered"


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        ("b.dcm", lambda whole: b""),
        ("b.DCM", lambda whole: whole[:100]),
        ("b", lambda whole: whole[132:]),
        ("b", lambda whole: whole[128:]),
        ("b", lambda whole: whole[132 + 12 + int.from_bytes(whole[140:144], "little") :]),
    ],
    ids=["empty", "cut", "without its preamble", "without zeros before its mark", "without its file meta information"],
)
def test_a_damaged_object_beside_a_sound_one_fails_the_case(tmp_path, name, cut):
    """It may be the report that says otherwise: nothing that is meant as an object is left out."""
    copy = a_copy(tmp_path)
    uid = open_dicom(copy, pixels=False).SOPInstanceUID

    def write(_, output):
        saved(a_finding(uid), output / "a.dcm")
        other = saved(a_finding(uid, "0.9"), tmp_path / "other.dcm").read_bytes()
        (output / name).write_bytes(cut(other))

    with pytest.raises(OutputError, match="objects cannot be read: "):
        asked(tmp_path, [a_request(files=[copy])], write, results="dicom")


def test_no_object_at_all_is_no_output(tmp_path):
    def write(_, output):
        (output / "answer.json").write_text("{}")

    with pytest.raises(OutputError, match=r"no output: expected DICOM objects, found answer.json"):
        asked(tmp_path, [a_request(files=[a_copy(tmp_path)])], write, results="dicom")


def test_the_rules_of_an_adapter_reach_the_reader(tmp_path):
    adapter = a_command(receives="dicom", results="dicom", dicom=DicomRules(codes={"SCT:27925004": "square"}))
    described = adapter.program(a_package(tmp_path / "package"), {}).options["exchange"]
    exchange = Exchange(**json.loads(json.dumps(described)))
    assert DicomRules(**exchange.dicom) == adapter.dicom
    assert exchange.results == "dicom"
