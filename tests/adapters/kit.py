"""Small sets and files for the tests of this room."""

from dmn_bench.hookspecs import CaseKeys
from dmn_bench.vocabulary import Case


def keys(case_id="c1", *, files=(), uids=None, studies=(), accessions=(), sizes=None, sources=None):
    case = Case(case_id=case_id, patient_id=case_id, exam_id=case_id, laterality="", files=tuple(files), strata={})
    return CaseKeys(
        case=case,
        sop_instance_uids=uids or {},
        study_instance_uids=tuple(studies),
        accession_numbers=tuple(accessions),
        image_sizes=sizes,
        source_files=sources,
    )


def problem_keys(caught):
    return {problem.key for problem in caught.value.problems}
