"""FHIR Observations: which study, which finding, which unit, and what does not count."""

import json

import pytest

from dmn_bench.adapters.fhir_results import FhirResults
from dmn_bench.errors import CandidateError
from dmn_bench.hookspecs import CaseKeys
from dmn_bench.vocabulary import Case, FindingAnswer

from .kit import keys

SCT = "http://snomed.info/sct"
CASES = (keys("c1", files=("a.dcm",), studies=("1.2.1",), accessions=("A1",)), keys("c2", studies=("1.2.2",)))


def concept(code, system=SCT, **more):
    return {"coding": [{"system": system, "code": code}], **more}


def study(uid="1.2.1"):
    return [{"identifier": {"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}}]


def score(value=0.75, unit="1", **more):
    return {"value": value, "system": "http://unitsofmeasure.org", "code": unit, **more}


def observation(uid="1.2.1", **changes):
    made = {
        "resourceType": "Observation",
        "id": f"o-{uid}",
        "status": "final",
        "code": concept("27925004"),
        "derivedFrom": study(uid),
        "valueQuantity": score(),
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def bundle(*resources):
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in resources]}


@pytest.fixture
def read(tmp_path):
    def read_them(content, cases=CASES, *, name="bundle.json", **options):
        options = {"codes": {"27925004": "nodule"}, **options}
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        adapter = FhirResults(path=options.pop("path", name), **options)
        found = [each.answer for each in adapter.answers(cases, tmp_path)]
        assert [answer.case_id for answer in found] == [each.case.case_id for each in cases]
        assert adapter.identity(tmp_path)
        return {answer.case_id: answer for answer in found}

    return read_them


def problems(read, content, **options):
    with pytest.raises(CandidateError) as caught:
        read(content, **options)
    return {(problem.key, problem.where) for problem in caught.value.problems}


# ------------------------------------------------------------------------------------------------- containers


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (bundle(observation()), "bundle.json"),
        (observation(), "one.json"),
        ([observation()], "list.json"),
        ([bundle(observation())], "bundles.json"),
        (json.dumps(observation()) + "\n\n" + json.dumps({"resourceType": "Patient", "id": "p"}) + "\n", "all.ndjson"),
    ],
)
def test_observations_are_found_in_any_container(read, content, name):
    found = read(content, name=name)
    assert found["c1"].findings == {"nodule": FindingAnswer(score=0.75)}
    assert found["c1"].marks is None
    assert (found["c2"].status, found["c2"].reason) == ("failed", "no output")


def test_a_folder_is_read_as_a_whole_and_ids_are_those_of_each_bundle(read, tmp_path):
    (tmp_path / "all" / "deep").mkdir(parents=True)
    (tmp_path / "all" / "one.json").write_text(json.dumps(bundle(observation(id="o"))))
    (tmp_path / "all" / "deep" / "two.json").write_text(json.dumps(bundle(observation("1.2.2", id="o"))))
    (tmp_path / "all" / "notes.txt").write_text("no JSON")
    adapter = FhirResults(path="all", codes={"27925004": "nodule"})
    found = {each.answer.case_id: each.answer for each in adapter.answers(CASES, tmp_path)}
    assert [answer.status for answer in found.values()] == ["answered", "answered"]
    assert set(adapter.identity(tmp_path)) == {"all/one.json", "all/deep/two.json"}


# --------------------------------------------------------------------------------------------------- whose it is


IMAGING_STUDY = {
    "resourceType": "ImagingStudy",
    "id": "s1",
    "identifier": [{"system": "urn:dicom:uid", "value": "urn:oid:1.2.1"}],
}


@pytest.mark.parametrize(
    "reference",
    ["ImagingStudy/s1", "ImagingStudy/s1/_history/3", "https://pacs.example/fhir/ImagingStudy/s1"],
)
def test_a_study_may_be_a_resource_of_the_bundle(read, reference):
    found = read(bundle(observation(derivedFrom=[{"reference": reference}]), IMAGING_STUDY))
    assert found["c1"].status == "answered"


def test_a_study_may_be_contained_or_called_by_its_full_url(read):
    contained = observation(derivedFrom=[{"reference": "#s"}], contained=[{**IMAGING_STUDY, "id": "s"}])
    assert read(bundle(contained))["c1"].status == "answered"
    by_url = bundle(observation(derivedFrom=[{"reference": "urn:uuid:7"}]))
    by_url["entry"].append({"fullUrl": "urn:uuid:7", "resource": IMAGING_STUDY})
    assert read(by_url)["c1"].status == "answered"


@pytest.mark.parametrize("member", ["imagingStudy", "study"])  # R4 and R5
def test_a_report_says_of_which_study_its_results_are(read, member):
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "result": [{"reference": "Observation/o"}],
    }
    found = read(bundle(observation(id="o", derivedFrom=None), {**report, member: study()}))
    assert found["c1"].status == "answered"


def test_ids_of_other_kinds_are_looked_for_where_they_stand(read):
    accession = {"type": concept("ACSN", "http://terminology.hl7.org/CodeSystem/v2-0203"), "value": "A1"}
    by_accession = observation(derivedFrom=None, basedOn=[{"identifier": accession}])
    assert read(bundle(by_accession), id={"is": "accession_number"})["c1"].status == "answered"
    by_case = observation(derivedFrom=None, identifier=[{"system": "urn:site:cases", "value": "c1"}])
    options = {"id": {"is": "case_id"}, "identifier_system": "urn:site:cases"}
    assert read(bundle(by_case), **options)["c1"].status == "answered"
    selection = {
        "resourceType": "ImagingSelection",
        "id": "x",
        "studyUid": "urn:oid:1.2.1",
        "instance": [{"uid": "9.9"}],
    }
    by_selection = bundle(observation(derivedFrom=[{"reference": "ImagingSelection/x"}]), selection)
    assert read(by_selection)["c1"].status == "answered"
    cases = [keys("c1", files=("a.dcm",), uids={"9.9": "a.dcm"})]
    assert read(by_selection, cases, id={"is": "sop_instance_uid"})["c1"].status == "answered"


def test_what_is_said_of_one_image_of_an_exam_is_said_of_the_exam(read):
    cases = [keys("c1", files=("a.dcm", "b.dcm"), uids={"9.1": "a.dcm", "9.2": "b.dcm"})]
    options = {"id": {"is": "sop_instance_uid"}}
    assert read(bundle(observation("9.1")), cases, **options)["c1"].findings["nodule"].score == 0.75
    both = bundle(observation("9.1"), observation("9.2", valueQuantity=score(0.9)))
    assert read(both, cases, **options, combine_images="highest")["c1"].findings["nodule"].score == 0.9
    assert "adapters.several_images" in {key for key, _ in problems(read, both, cases=cases, **options)}


def sided(case_id, side):
    case = Case(case_id=case_id, patient_id="p", exam_id="e", laterality=side, files=(), strata={})
    return CaseKeys(case=case, sop_instance_uids={}, study_instance_uids=("1.2.1",))


def test_of_a_study_with_two_sides_only_the_one_that_is_named_is_answered(read):
    cases = [sided("l", "L"), sided("r", "R")]
    left = observation(bodySite=concept("7771000"))
    assert [answer.status for answer in read(bundle(left), cases).values()] == ["answered", "failed"]
    both = observation()
    assert [answer.status for answer in read(bundle(both), cases).values()] == ["answered", "answered"]
    qualified = observation(
        bodySite={**concept("85562004"), "extension": [{"url": "u", "valueCodeableConcept": concept("24028007")}]}
    )
    assert [answer.status for answer in read(bundle(qualified), cases).values()] == ["failed", "answered"]
    bilateral = observation(bodySite=concept("51440002"))
    assert [answer.status for answer in read(bundle(bilateral), cases).values()] == ["answered", "answered"]
    assert read(bundle(left), [sided("b", "B")])["b"].status == "answered"
    wrong = read(bundle(left), [sided("r", "R")])["r"]
    assert wrong.reason == "invalid output: laterality L of a case that is R (bundle.json#/entry/0/resource)"


# ------------------------------------------------------------------------------------------------------- values


LABELS = {"positive": ("10828004", "suspicious", "true"), "negative": ("260385009", "false"), "abstained": ("unread",)}


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ({"valueCodeableConcept": concept("10828004")}, "positive"),
        ({"valueCodeableConcept": {"text": "suspicious"}}, "positive"),
        ({"valueString": "suspicious"}, "positive"),
        ({"valueBoolean": False}, "negative"),
        ({"valueBoolean": True}, "positive"),
    ],
)
def test_codes_texts_and_yes_or_no_are_labels_by_a_table(read, value, label):
    content = bundle(observation(valueQuantity=None, **value))
    assert read(content, labels=LABELS)["c1"].findings == {"nodule": FindingAnswer(label=label)}
    assert "answers.fhir_word" in {key for key, _ in problems(read, content)}


def test_a_label_may_be_a_status(read):
    content = bundle(observation(valueQuantity=None, valueString="unread"))
    assert read(content, labels=LABELS)["c1"].status == "abstained"


def test_components_hold_further_findings_or_the_score(read):
    parts = [
        {"code": concept("36118008"), "valueQuantity": score(0.2)},
        {"code": concept("PROB", "urn:v"), "valueQuantity": score(0.6)},
    ]
    content = bundle(observation(valueQuantity=None, valueString="suspicious", component=parts))
    found = read(
        content, codes={"27925004": "nodule", f"{SCT}|36118008": "pneumothorax"}, score_codes=("PROB",), labels=LABELS
    )
    assert found["c1"].findings == {
        "nodule": FindingAnswer(score=0.6, label="positive"),
        "pneumothorax": FindingAnswer(score=0.2),
    }
    frame = bundle(observation(code=concept("PANEL"), valueQuantity=None, component=parts[:1]))
    assert read(frame, codes={"36118008": "pneumothorax"})["c1"].findings["pneumothorax"].score == 0.2


def test_an_interpretation_is_a_label_only_when_it_is_asked_for(read):
    content = bundle(observation(interpretation=[concept("POS")]))
    assert read(content)["c1"].findings["nodule"].label is None
    labelled = read(content, interpretation="label", labels={"positive": ("POS",)})
    assert labelled["c1"].findings["nodule"] == FindingAnswer(score=0.75, label="positive")


@pytest.mark.parametrize(
    ("quantity", "options", "key"),
    [
        (score(75, "%"), {}, "answers.fhir_unit"),
        (score(0.75), {"score_unit": "percent"}, "answers.fhir_unit"),
        (score(0.75, "mm"), {}, "answers.fhir_unit"),
        ({"value": 0.75, "unit": "percent"}, {}, "answers.fhir_unit"),
        (score(0.75, system="urn:x"), {}, "answers.fhir_unit"),
        (score(75), {}, "answers.score_outside"),
        (score(0.75, comparator="<"), {}, "answers.fhir_comparator"),
        (score("0.75"), {}, "answers.expected_number"),
        (score(None), {}, "answers.expected_number"),
    ],
)
def test_a_quantity_must_be_a_plain_score_in_the_declared_unit(read, quantity, options, key):
    found = problems(read, bundle(observation(valueQuantity=quantity)), **options)
    assert key in {each for each, _ in found}


def test_percent_stays_percent_and_any_scale_needs_to_be_declared(read):
    assert (
        read(bundle(observation(valueQuantity=score(75, "%"))), score_unit="percent")["c1"].findings["nodule"].score
        == 75
    )
    free = read(bundle(observation(valueQuantity=score(-4.5, "mm"))), score_unit="any", higher_is="negative")
    assert free["c1"].findings["nodule"].score == 4.5


def test_a_missing_value_has_a_reason_with_a_declared_meaning(read):
    content = bundle(observation(valueQuantity=None, dataAbsentReason=concept("not-performed", text="too blurred")))
    answer = read(content, absent={"not-performed": "abstained"})["c1"]
    assert (answer.status, answer.reason) == ("abstained", "too blurred")
    assert ("answers.fhir_absent", "bundle.json#/entry/0/resource/dataAbsentReason") in problems(read, content)
    assert read(bundle(observation(valueQuantity=None)))["c1"].status == "failed"


def test_nan_fails_the_case_alone(read):
    content = json.dumps(bundle(observation(), observation("1.2.2"))).replace("0.75", "NaN", 1)
    found = read(content)
    assert [answer.status for answer in found.values()] == ["failed", "answered"]
    assert found["c1"].reason.startswith("invalid output: score nan")


# ------------------------------------------------------------------------------------------------ what does not count


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered", "unknown"])
def test_what_does_not_count_is_no_answer_and_is_named(read, status):
    found = read(
        bundle(observation(status=status), observation("1.2.2"), observation("1.2.2", id="old", status=status))
    )
    assert (found["c1"].status, found["c1"].reason) == ("failed", f"Observation/o-1.2.1 {status}")
    assert (found["c2"].status, found["c2"].reason) == ("answered", f"Observation/old {status}")


def test_a_withdrawn_report_withdraws_its_results(read):
    report = {"resourceType": "DiagnosticReport", "id": "r", "result": [{"reference": "Observation/o"}]}
    found = read(bundle(observation(id="o"), {**report, "status": "entered-in-error"}))
    assert (found["c1"].status, found["c1"].reason) == ("failed", "DiagnosticReport/r entered-in-error")
    other = {**report, "id": "r2", "status": "final"}
    found = read(bundle(observation(id="o"), {**report, "status": "entered-in-error"}, other))
    assert found["c1"].status == "answered"


def test_preliminary_results_count_unless_they_are_left_out(read):
    content = bundle(observation(status="preliminary"))
    assert read(content)["c1"].status == "answered"
    assert read(content, statuses=("final",))["c1"].reason == "Observation/o-1.2.1 preliminary"


def test_two_observations_of_one_finding_are_two_answers(read):
    content = bundle(observation(status="preliminary", id="a"), observation(id="b", valueQuantity=score(0.5)))
    assert (read(content)["c1"].status, read(content)["c1"].reason) == ("failed", "two answers")
    several = bundle(observation(valueString="suspicious", valueBoolean=False))
    assert read(several, labels=LABELS)["c1"].reason.startswith("invalid output: two answers")


# ------------------------------------------------------------------------------------------- what stops everything


@pytest.mark.parametrize(
    ("changes", "key", "place"),
    [
        ({"code": concept("1")}, "answers.fhir_code", ""),
        ({"code": None}, "answers.fhir_code", ""),
        ({"derivedFrom": None}, "answers.fhir_no_subject", ""),
        ({"derivedFrom": [{"reference": "ImagingStudy/none"}]}, "answers.fhir_no_subject", ""),
        ({"derivedFrom": [*study("1.2.1"), *study("1.2.2")]}, "answers.fhir_several_subjects", ""),
        ({"derivedFrom": study("9.9")}, "adapters.ids_unknown", ""),
        ({"status": "done"}, "answers.fhir_status", "/status"),
        ({"status": None}, "answers.fhir_status", "/status"),
        ({"valueQuantity": None, "valueInteger": 3}, "answers.fhir_value_kind", "/valueInteger"),
        ({"component": {"code": 1}}, "answers.expected_list", "/component"),
    ],
)
def test_what_is_misread_is_listed_with_its_place(read, changes, key, place):
    assert (key, f"bundle.json#/entry/0/resource{place}") in problems(read, bundle(observation(**changes)))


def test_reports_without_results_or_with_missing_ones_and_doubled_ids_are_problems(read):
    report = {"resourceType": "DiagnosticReport", "id": "r", "status": "final", "conclusion": "nodule"}
    assert ("answers.fhir_report_without_results", "bundle.json#/entry/0/resource") in problems(read, bundle(report))
    lost = {**report, "result": [{"reference": "Observation/none"}]}
    assert ("answers.fhir_result_missing", "bundle.json#/entry/0/resource/result/0") in problems(read, bundle(lost))
    twice = bundle(observation(), observation())
    assert ("answers.fhir_doubled", "bundle.json#/entry/1/resource") in problems(read, twice)


@pytest.mark.parametrize(
    ("content", "key", "place"),
    [
        ({"a": 1}, "answers.fhir_no_resource", "bundle.json"),
        ("3", "answers.fhir_no_resource", "bundle.json"),
        ('{"resourceType": "Bundle", "entry": [', "answers.json_malformed", "bundle.json:1:38"),
        ('{"resourceType": "Observation", "status": "a", "status": "b"}', "answers.key_doubled", "bundle.json"),
        (json.dumps(bundle()).encode("utf-16"), "adapters.file_encoding", "bundle.json:1"),
    ],
)
def test_a_hostile_file_ends_in_a_message_with_its_place(read, content, key, place):
    assert (key, place) in problems(read, content)


def test_a_broken_line_of_ndjson_is_named(read):
    text = json.dumps(observation()) + "\n{\n"
    assert ("answers.json_malformed", "all.ndjson:2:2") in problems(read, text, name="all.ndjson")


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"codes": {}}, "answers.nothing_mapped"),
        ({"id": {"is": "case_id"}}, "answers.fhir_id"),
        ({"identifier_system": "urn:x"}, "answers.fhir_id"),
        ({"id": {"is": "file_name"}}, "answers.fhir_id"),
        ({"statuses": ("cancelled",)}, "answers.fhir_status_option"),
        ({"interpretation": "label"}, "answers.nothing_mapped"),
        ({"labels": {"positive": ("a",), "negative": ("a",)}}, "adapters.label_word_twice"),
    ],
)
def test_options_that_contradict_each_other_are_refused(read, options, key):
    assert key in {found for found, _ in problems(read, bundle(observation()), **options)}


# ------------------------------------------------------------------------------------------ what contradicts itself


WORDS = {"positive": ("POS", "present"), "negative": ("NEG", "absent")}


@pytest.mark.parametrize(
    "said", [{"coding": [{"code": "POS"}], "text": "absent"}, {"coding": [{"code": "POS"}, {"code": "NEG"}]}]
)
def test_a_concept_that_says_yes_and_no_is_two_answers(read, said):
    found = read(bundle(observation(valueQuantity=None, valueCodeableConcept=said)), labels=WORDS)["c1"]
    assert (found.status, found.findings) == ("failed", {})
    assert found.reason.endswith("two answers: several values of nodule (bundle.json#/entry/0/resource)")


def test_two_words_that_mean_the_same_are_one_answer(read):
    said = {"coding": [{"code": "POS"}], "text": "present"}
    found = read(bundle(observation(valueQuantity=None, valueCodeableConcept=said)), labels=WORDS)["c1"]
    assert found.findings == {"nodule": FindingAnswer(label="positive")}


@pytest.mark.parametrize("place", ["observation", "component", "report"])
def test_an_extension_that_changes_the_meaning_stops_the_reading(read, place):
    negated = {"modifierExtension": [{"url": "https://vendor.example/negated", "valueBoolean": True}]}
    part = {"code": concept("27925004"), "valueQuantity": score(), **(negated if place == "component" else {})}
    seen = {"valueQuantity": None, "component": [part]} if place == "component" else {}
    report = {"resourceType": "DiagnosticReport", "status": "final", "result": [{"reference": "Observation/o"}]}
    content = bundle(
        observation(id="o", **seen, **(negated if place == "observation" else {})),
        report | (negated if place == "report" else {}),
    )
    where = {"observation": "0/resource", "component": "0/resource/component/0", "report": "1/resource"}[place]
    assert problems(read, content) == {("answers.fhir_modifier", f"bundle.json#/entry/{where}/modifierExtension/0")}


def test_an_extension_of_what_is_left_out_or_withdrawn_changes_nothing(read):
    negated = [{"url": "https://vendor.example/negated", "valueBoolean": True}]
    found = read(
        bundle(
            observation(id="o1"),
            observation(id="o2", code=concept("1"), modifierExtension=negated),
            observation(id="o3", status="cancelled", modifierExtension=negated),
        ),
        ignore_codes=("1",),
    )
    assert found["c1"].findings == {"nodule": FindingAnswer(score=0.75)}


@pytest.mark.parametrize("value", [{}, {"valueQuantity": None, "valueCodeableConcept": {"text": "present"}}])
def test_a_value_beside_the_reason_why_there_is_none_is_two_answers(read, value):
    found = read(bundle(observation(dataAbsentReason=concept("error"), **value)), labels=WORDS)["c1"]
    assert (found.status, found.findings) == ("failed", {})
    assert "a value of nodule and a reason why it is absent" in found.reason
