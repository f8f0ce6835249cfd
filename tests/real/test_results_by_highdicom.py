"""Objects that an independent library writes about real slices, in every form that it knows, read back."""

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.sr.codedict import codes
from pydicom.uid import generate_uid

from dmn_bench.adapters.dicom_answers import DicomRules, answer_from_objects
from dmn_bench.inputs.result_objects import known_images, read_result
from tests.shared_data import shared_data

highdicom = pytest.importorskip("highdicom")

UIDS = {"series_instance_uid": "1.2.3.4", "series_number": 9, "instance_number": 1}
MAKER = {
    "manufacturer": "Maker",
    "manufacturer_model_name": "Model",
    "software_versions": "1",
    "device_serial_number": "2",
}
NODULE = codes.SCT.Nodule


@pytest.fixture(scope="module")
def slices():
    paths = sorted(shared_data("imaging/ct_lidc/LIDC-IDRI-0001").glob("*.dcm"))[:4]
    return sorted(paths, key=lambda path: dcmread(path).ImagePositionPatient[2])


@pytest.fixture
def read_back(slices, tmp_path):
    known = known_images(slices, ["series"] * len(slices))

    def reading(made, **rules):
        made.save_as(tmp_path / "made.dcm")
        return answer_from_objects([tmp_path / "made.dcm"], known, DicomRules(**rules))

    return reading


def images(slices):
    found = [dcmread(path) for path in slices]
    for image in found:
        image.PatientSex = image.get("PatientSex", "")
    return found


def a_segment(number, code=NODULE):
    algorithm = highdicom.AlgorithmIdentificationSequence("A", codes.DCM.ArtificialIntelligence, "1")
    return highdicom.seg.SegmentDescription(
        number, f"segment {number}", codes.SCT.MorphologicallyAbnormalStructure, code,
        highdicom.seg.SegmentAlgorithmTypeValues.AUTOMATIC, algorithm,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.90"])
def test_segmentations_of_every_type_and_compression_come_back_voxel_by_voxel(
    slices, read_back, tmp_path, kind, syntax
):
    if kind == "BINARY" and syntax != "1.2.840.10008.1.2.1":
        pytest.skip("single bits are not compressed")
    rng = np.random.default_rng(5)
    inside = rng.random((4, 512, 512)) < 0.2
    inside[2] = False  # an empty plane, which the library leaves out
    made = highdicom.seg.Segmentation(
        source_images=images(slices), pixel_array=inside.astype(np.float32 if kind == "FRACTIONAL" else np.uint8),
        segmentation_type=kind, segment_descriptions=[a_segment(1)], sop_instance_uid=generate_uid(),
        transfer_syntax_uid=syntax, **UIDS, **MAKER,
    )  # fmt: skip
    answer = read_back(made, fractional_at_least=0.5)
    again = read_result(tmp_path / "made.dcm", apart=True).structures[0].planes
    assert [int((plane.mask >= 0.5).sum()) for plane in again] == [int(mask["array"].sum()) for mask in answer["masks"]]
    found = {mask["instance"]: mask["array"] for mask in answer["masks"]}
    for place, image in enumerate(images(slices)):
        assert np.array_equal(found.get(image.SOPInstanceUID, np.zeros((512, 512))), inside[place])
    assert len(found) == 3


def test_two_segments_that_overlap_are_kept_apart(slices, read_back):
    both = np.zeros((4, 512, 512, 2), dtype=np.uint8)
    both[1, 10:20, 10:20, 0] = both[1, 15:30, 15:30, 1] = 1
    made = highdicom.seg.Segmentation(
        source_images=images(slices), pixel_array=both, segmentation_type="BINARY",
        segment_descriptions=[a_segment(1), a_segment(2, codes.SCT.Mass)], sop_instance_uid=generate_uid(),
        **UIDS, **MAKER,
    )  # fmt: skip
    found = {mask["structure"]: int(mask["array"].sum()) for mask in read_back(made)["masks"]}
    assert found == {"nodule": 100, "mass": 225}


def a_report(slices, groups):
    sr = highdicom.sr
    observer = sr.ObserverContext(codes.DCM.Device, sr.DeviceObserverIdentifyingAttributes(uid=generate_uid()))
    content = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion, imaging_measurements=groups,
        title=codes.DCM.ImagingMeasurementReport,
    )  # fmt: skip
    return sr.Comprehensive3DSR(
        evidence=images(slices), content=content[0], sop_instance_uid=generate_uid(), institution_name="x",
        manufacturer="Maker", is_complete=True, is_final=True, is_verified=False, **UIDS,
    )  # fmt: skip


def a_group(region, value=0.87):
    sr = highdicom.sr
    probability = sr.Measurement(name=codes.DCM.Probability, value=value, unit=codes.UCUM.NoUnits)
    return sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=generate_uid(), identifier="one"), referenced_region=region,
        finding_type=NODULE, measurements=[probability],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("form", "points", "middle"),
    [
        ("CIRCLE", [(100.0, 200.0), (110.0, 200.0)], (100.0, 200.0)),
        ("ELLIPSE", [(80.0, 200.0), (120.0, 200.0), (100.0, 190.0), (100.0, 210.0)], (100.0, 200.0)),
        ("POINT", [(33.5, 44.5)], (33.5, 44.5)),
        ("POLYLINE", [(10.0, 20.0), (30.0, 20.0), (30.0, 60.0), (10.0, 20.0)], (20.0, 40.0)),
    ],
)
def test_regions_in_pixels_of_a_slice_lie_where_the_library_puts_them(slices, read_back, form, points, middle):
    sr = highdicom.sr
    source = sr.SourceImageForRegion.from_source_image(images(slices)[2])
    region = sr.ImageRegion(graphic_type=form, graphic_data=np.array(points), source_image=source)
    (mark,) = read_back(a_report(slices, [a_group(region)]))["marks"]
    image = images(slices)[2]
    to_patient = highdicom.spatial.ImageToReferenceTransformer(
        image.ImagePositionPatient, image.ImageOrientationPatient, image.PixelSpacing
    )
    expected = to_patient(np.array([middle]))[0]
    assert (mark["x_mm"], mark["y_mm"], mark["z_mm"]) == pytest.approx(tuple(expected), abs=1e-4)
    assert mark["score"] == 0.87


def test_a_region_in_millimetres_comes_back(slices, read_back):
    sr = highdicom.sr
    image = images(slices)[1]
    z = float(image.ImagePositionPatient[2])
    corners = np.array([(1.0, 2.0, z), (5.0, 2.0, z), (5.0, 8.0, z), (1.0, 2.0, z)])
    region = sr.ImageRegion3D("POLYGON", corners, image.FrameOfReferenceUID)
    (mark,) = read_back(a_report(slices, [a_group(region)]))["marks"]
    assert (mark["x_mm"], mark["y_mm"], mark["z_mm"]) == pytest.approx((3.0, 5.0, z), abs=1e-4)


def test_a_group_about_whole_images_is_a_score_of_the_case(slices, read_back):
    sr = highdicom.sr
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=generate_uid(), identifier="one"),
        source_images=[sr.SourceImageForMeasurementGroup.from_source_image(image) for image in images(slices)],
        finding_type=NODULE,
        measurements=[sr.Measurement(name=codes.DCM.Probability, value=12.5, unit=codes.UCUM.Percent)],
    )
    assert read_back(a_report(slices, [group])) == {
        "status": "answered",
        "findings": {"nodule": {"score": 0.125}},
        "marks": [],
    }
