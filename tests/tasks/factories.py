"""Small sets and answers for the tests of tasks, metrics and strata: each takes only what matters."""

from dmn_bench.hookspecs import JudgingContext
from dmn_bench.vocabulary import (
    STATUSES,
    Analysis,
    Answer,
    Case,
    FindingAnswer,
    GradeAnswer,
    Lesion,
    Mark,
    OperatingPoint,
    Unit,
)

FINDING = "fracture"
NON_ANSWERS = [status for status in STATUSES if status != "answered"]


def a_case(case_id="c1", patient_id=None, files=(), **strata):
    return Case(
        case_id=case_id,
        patient_id=patient_id or f"patient of {case_id}",
        exam_id=case_id,
        laterality="",
        files=files,
        strata=strata,
    )


def a_unit(unit_id="u1", reference="positive", cases=None, lesions=None, patient_id=None, **strata):
    cases = cases or (a_case(f"{unit_id}-case", patient_id, **strata),)
    return Unit(
        unit_id=unit_id, patient_id=cases[0].patient_id, cases=tuple(cases), reference=reference, lesions=lesions or {}
    )


def scored(case_id, score=None, label=None, status="answered", reason=""):
    return Answer(
        case_id=case_id, status=status, reason=reason, findings={FINDING: FindingAnswer(score=score, label=label)}
    )


def graded(case_id, grade=None, scores=None, status="answered"):
    return Answer(case_id=case_id, status=status, grades={FINDING: GradeAnswer(grade=grade, scores=scores)})


def marked(case_id, *marks, status="answered"):
    return Answer(case_id=case_id, status=status, marks=tuple(marks))


def unanswered(case_id, status="failed", reason="why"):
    return Answer(case_id=case_id, status=status, reason=reason)


def a_box(x=0.0, y=0.0, width=10.0, height=10.0, score=None, image=None, frame=None):
    return Mark(finding=FINDING, image=image, frame=frame, x=x, y=y, width=width, height=height, score=score)


def a_lesion(lesion_id="l1", x=0.0, y=0.0, width=10.0, height=10.0, **more):
    more = {"image": None, "frame": None, **more}
    return Lesion(lesion_id=lesion_id, finding=FINDING, x=x, y=y, width=width, height=height, **more)


def by_case(*answers):
    return {answer.case_id: answer for answer in answers}


def treating(everything="wrong", **others):
    name = {"wrong": "intention_to_diagnose", "apart": "evaluable"}.get(everything, "as_used")
    return Analysis(name=name, treatment={**dict.fromkeys(NON_ANSWERS, everything), **others})


ITD = treating("wrong", not_sent="apart", unreadable="apart")
EVALUABLE = treating("apart")


def context(units, analysis=ITD, score_at_least=None, doubt_from=None, **loaders):
    patients = {name: code for code, name in enumerate(dict.fromkeys(unit.patient_id for unit in units))}
    point = None if score_at_least is None else OperatingPoint(score_at_least=score_at_least, doubt_from=doubt_from)
    return JudgingContext(analysis=analysis, patients=patients, operating_point=point, **loaders)


def column(judgements, name):
    return judgements.columns[name].tolist()
