"""A second count of a run, from its files and the protocol alone: shares no code with the program's own arithmetic.

Reads ``cases.csv``, ``truth.csv``, ``lesions.csv`` and ``answers.*.jsonl`` with the standard library, DICOM attributes
with pydicom, and counts with numpy, scipy, and scikit-learn after the published formulas.
"""

import csv
import json
import math
from collections import defaultdict
from itertools import pairwise, product

import numpy as np
import pydicom
from ruamel.yaml import YAML
from scipy import stats
from sklearn.metrics import cohen_kappa_score, roc_auc_score

BADNESS = ["answered", "not_sent", "unreadable", "indeterminate", "abstained", "rejected_input", "failed"]
UNDECIDED = ("indeterminate", "unverified", "missing")
GRADES = {"icdr": [0, 1, 2, 3, 4]}
AS_USED = {
    "indeterminate": "positive",
    "abstained": "positive",
    "rejected_input": "apart",
    "failed": "wrong",
    "not_sent": "apart",
    "unreadable": "apart",
}


# ------------------------------------------------------------------------------------------------------ the folder


def read_rows(path):
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


class Folder:
    """A reference set as its files say it."""

    def __init__(self, root):
        self.root = root
        self.card = YAML(typ="safe").load((root / "reference_set.yaml").read_text(encoding="utf-8"))
        self.cases = read_rows(root / "cases.csv")
        for case in self.cases:
            case["patient_id"] = case["patient_id"] or case["case_id"]
            case["exam_id"] = case.get("exam_id") or case["case_id"]
            case["n_files"] = len(case["files"].split(";"))
            case["levels"] = {name: self._level(case, how) for name, how in self.card.get("strata", {}).items()}
        self.truth = {}
        for row in read_rows(root / "truth.csv"):
            for kind in ("case_id", "exam_id", "patient_id"):
                if row.get(kind):
                    self.truth[kind, row[kind], row["finding"]] = row["value"]
        self.lesions = defaultdict(list)
        for row in read_rows(root / "lesions.csv"):
            self.lesions[row["case_id"], row["finding"]].append(row)
        self.patients = {}
        for case in self.cases:
            self.patients.setdefault(case["patient_id"], len(self.patients))

    def _level(self, case, how):
        if "dicom" in how:
            first = self.root / case["files"].split(";")[0]
            first = min(first.iterdir()) if first.is_dir() else first  # a series is one file of a case
            with pydicom.dcmread(first, stop_before_pixels=True) as header:
                value = str(getattr(header, how["dicom"], "") or "")
        else:
            value = case[how["column"]]
        if not value:
            return "not recorded"
        if "edges" not in how:
            return value
        edges = how["edges"]
        at = sum(float(value) >= edge for edge in edges)
        names = [f"<{edges[0]}", *(f"[{a}, {b})" for a, b in pairwise(edges)), f">={edges[-1]}"]
        return names[at]

    def units(self, finding, unit):
        grouped = defaultdict(list)
        for case in self.cases:
            key = {
                "exam": case["exam_id"],
                "patient": case["patient_id"],
                "eye": f"{case['patient_id']}/{case.get('laterality')}",
            }.get(unit, case["case_id"])
            grouped[key].append(case)
        found = []
        for key, cases in grouped.items():
            stated = self.truth.get(("exam_id", key, finding)) if unit == "exam" else None
            reference = stated or self._of_cases(cases, finding)
            levels = {}
            for name in self.card.get("strata", {}):
                values = {case["levels"][name] for case in cases}
                levels[name] = values.pop() if len(values) == 1 else "several values"
            found.append(
                {
                    "id": key,
                    "patient": self.patients[cases[0]["patient_id"]],
                    "cases": cases,
                    "reference": reference,
                    "levels": levels,
                }
            )
        return found

    def _of_cases(self, cases, finding):
        values = []
        for case in cases:
            value = self.truth.get(("case_id", case["case_id"], finding))
            above = self.truth.get(("exam_id", case["exam_id"], finding))
            if value is None and above in ("negative", "unverified"):
                value = above
            values.append(value)
        for word in ("positive", "indeterminate", "unverified"):
            if word in values:
                return word
        if None in values:
            return "missing"
        grades = [v for v in values if v != "negative"]
        return max(grades, key=float) if grades else "negative"


def answers_of(run, candidate):
    lines = (run / f"answers.{candidate}.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n")
    return {answer["case_id"]: answer for answer in map(json.loads, lines)}


# ------------------------------------------------------------------------------------------- what the device said


def said_of_finding(answer, finding, point):
    """(status, call, score) of one case for a yes-or-no finding."""
    status = answer.get("finding_statuses", {}).get(finding, answer["status"])
    said = answer.get("findings", {}).get(finding)
    score = None if said is None else said.get("score")
    label = None if said is None else said.get("label")
    if status != "answered":
        return status, None, score
    if score is None and label is None:
        return "failed", None, None
    if label == "indeterminate":
        return "indeterminate", None, score
    if score is not None and point is not None:
        if score >= point["score_at_least"]:
            return "answered", True, score
        if point.get("doubt_from") is not None and score >= point["doubt_from"]:
            return "indeterminate", None, score
        return "answered", False, score
    return "answered", None if label is None else label == "positive", score


def unit_said(cases):
    """(status, call, score, states of the views without a score) of a unit.

    Positive if one case is, else its worst non-answer, else negative.
    """
    answered = [c for c in cases if c[0] == "answered"]
    status = "answered" if any(c[1] for c in answered) else max((c[0] for c in cases), key=BADNESS.index)
    if status != "answered":
        scores = [c[2] for c in cases]
        return status, None, None if None in scores else max(scores), set()
    calls = [c[1] for c in answered]
    return status, True if True in calls else (None if None in calls else False), *views(cases)


def views(cases):
    """Of an answered unit: the highest score heard, and the states of the views from which none was heard."""
    heard = [c[2] for c in cases if c[0] in ("answered", "indeterminate") and c[2] is not None]
    unheard = {c[0] for c in cases if c[0] not in ("answered", "indeterminate") or c[2] is None}
    return max(heard, default=None), {"failed" if s == "answered" else s for s in unheard}


def unit_grade(answers, finding, cut):
    """(status, grade, score, states of the views without a score, states of those without an answer)."""
    cases = []
    for answer in answers:
        status = answer.get("finding_statuses", {}).get(finding, answer["status"])
        said = answer.get("grades", {}).get(finding)
        if said is None:
            cases.append(("failed" if status == "answered" else status, None, None))
            continue
        scores = said.get("scores")
        score = float(said["grade"]) if scores is None else float(np.dot(scores, np.arange(len(scores))) / sum(scores))
        cases.append((status, said["grade"], score))
    answered = [c for c in cases if c[0] == "answered"]
    highest = max((c[1] for c in answered), default=-1)
    status = "answered" if highest >= cut else max((c[0] for c in cases), key=BADNESS.index)
    if status == "answered":
        return status, highest, *views(cases), {c[0] for c in cases} - {"answered"}
    scores = [c[2] for c in cases]
    return status, None, None if None in scores else max(scores), set(), set()


def treatments(protocol):
    charged = dict.fromkeys(BADNESS[3:], "wrong") | {"not_sent": "apart", "unreadable": "apart"}
    return {
        "intention_to_diagnose": charged,
        "evaluable": dict.fromkeys(BADNESS[1:], "apart"),
        "as_used": AS_USED | protocol.get("as_used", {}),
        "all_charged": dict.fromkeys(BADNESS[1:], "wrong"),
    }


def counted(unit, treatment):
    """(call, score) as an analysis counts them; None when the unit is set apart. Sets no score where none exists."""
    sick = unit["sick"]
    status, call, score = unit["status"], unit["call"], unit["score"]
    if status == "answered":
        if call is None:
            call = not sick if treatment["failed"] == "wrong" else None
        if score is None:
            score = (-math.inf if sick else math.inf) if treatment["failed"] == "wrong" else None
        if not sick and any(treatment[s] == "wrong" for s in unit["unheard"]):
            score = math.inf
        return call, score
    how = treatment[status]
    if how == "apart":
        return None
    as_called = {"positive": True, "negative": False, "wrong": not sick}[how]
    keeps = score is not None and (status == "indeterminate" or how != "wrong")
    return as_called, score if keeps else (math.inf if as_called else -math.inf)


# ------------------------------------------------------------------------------------------------------- intervals


def by_patient(values, patients):
    sums = defaultdict(float)
    for value, patient in zip(values, patients, strict=True):
        sums[patient] += value
    return sums


def effective(k, n, patients):
    """(k, n, d, number of patients) on the Rao-Scott effective size."""
    x, m = by_patient(k, patients), by_patient(n, patients)
    keys = [p for p in m if m[p] > 0]
    x, m = np.array([x[p] for p in keys]), np.array([m[p] for p in keys])
    total, hits = m.sum(), x.sum()
    if len(keys) < 2:
        return None
    p = hits / total
    if hits in (0, total):
        d = (m**2).sum() / m.sum()
    else:
        v = len(keys) / (len(keys) - 1) * ((x - m * p) ** 2).sum() / total**2
        d = v * total / (p * (1 - p))
    d = max(d, 1.0)
    return hits / d, total / d, d, len(keys)


def wilson_with(k, n, z):
    p = k / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(centre - half, 0.0), min(centre + half, 1.0)


def share_interval(k, n, patients, *, clustered, level):
    """(low, high, method, effective n) or a reason."""
    k, n = np.asarray(k, float), np.asarray(n, float)
    if not clustered and n.max(initial=0) <= 1:
        low, high = stats.binomtest(int(k.sum()), int(n.sum())).proportion_ci(level, method="wilson")
        return low, high, "wilson", n.sum()
    found = effective(k, n, patients)
    if found is None:
        return "one_patient"
    low, high = wilson_with(found[0], found[1], stats.t.ppf((1 + level) / 2, found[3] - 1))
    return low, high, "rao-scott-wilson-t", found[1]


def exact_share(k, n, patients, *, clustered, level):
    """Clopper-Pearson, on n/d units with d = sum m^2 / sum m where patients have several."""
    m = np.array(list(by_patient(n, patients).values()))
    m = m[m > 0]
    d = max((m**2).sum() / m.sum(), 1.0) if clustered else 1.0
    if clustered and len(m) < 2:
        return "one_patient"
    x, n = sum(k) / d, sum(n) / d
    tail = (1 - level) / 2
    low = stats.beta.ppf(tail, x, n - x + 1) if x > 0 else 0.0
    high = stats.beta.ppf(1 - tail, x + 1, n - x) if x < n else 1.0
    return low, high, "korn-graubard" if clustered else "clopper-pearson", n


def area(scores, sick):
    ranks = stats.rankdata(scores)  # infinities are not for scikit-learn, their ranks are
    return roc_auc_score(sick, ranks)


def area_interval(scores, sick, patients, *, clustered, level):
    scores, sick, patients = np.asarray(scores), np.asarray(sick, bool), np.asarray(patients)
    patients = patients if clustered else np.arange(len(scores))
    pos, neg = scores[sick], scores[~sick]
    if min(len(set(patients[sick])), len(set(patients[~sick]))) < 2:
        return "too_few"
    psi = (pos[:, None] > neg[None, :]) + 0.5 * (pos[:, None] == neg[None, :])
    a, v10, v01 = psi.mean(), psi.mean(axis=1), psi.mean(axis=0)
    everyone = sorted(set(patients))
    x = np.array([(v10[patients[sick] == p] - a).sum() for p in everyone])
    y = np.array([(v01[patients[~sick] == p] - a).sum() for p in everyone])
    i10, i01, i = len(set(patients[sick])), len(set(patients[~sick])), len(everyone)
    m, n = len(pos), len(neg)
    s10, s01 = i10 / ((i10 - 1) * m) * (x**2).sum(), i01 / ((i01 - 1) * n) * (y**2).sum()
    s11 = i / (i - 1) * (x * y).sum()
    variance = s10 / m + s01 / n + 2 * s11 / (m * n)
    tail = (1 - level) / 2
    if not 0 < a < 1 or variance < 1e-15:
        pairs = min(i10, i01, i // 2)
        if a == 1:
            return tail ** (1 / pairs), 1.0, "disjoint-pairs", pairs
        low = stats.beta.ppf(tail, a * pairs, pairs - a * pairs + 1) if a > 0 else 0.0
        return low, stats.beta.ppf(1 - tail, a * pairs + 1, pairs - a * pairs), "disjoint-pairs", pairs
    half = stats.norm.ppf(1 - tail) * math.sqrt(variance) / (a * (1 - a))
    logit = math.log(a / (1 - a))
    method = "obuchowski-logit" if clustered else "delong-logit"
    return 1 / (1 + math.exp(half - logit)), 1 / (1 + math.exp(-half - logit)), method, None


def with_halves(tp, n1, tn, n0):
    if 0 < tp < n1 and 0 < tn < n0:
        return (tp, n1, tn, n0), ""
    return (tp + 0.5, n1 + 1, tn + 0.5, n0 + 1), "-half-added"


def ratio_of_calls(which, tp, n1, tn, n0):
    (tp, n1, tn, n0), _ = with_halves(tp, n1, tn, n0)
    se, sp = tp / n1, tn / n0
    return se / (1 - sp) if which == "lr_positive" else (1 - se) / sp


def ratio_interval(which, counts, whole, level):
    """Around the effective counts, and as wide as the value of the whole ones asks."""
    (tp, n1, tn, n0), added = with_halves(*counts)
    fn, fp = n1 - tp, n0 - tn
    value = (tp / n1) / (fp / n0) if which == "lr_positive" else (fn / n1) / (tn / n0)
    seen = (1 / tp - 1 / n1 + 1 / fp - 1 / n0) if which == "lr_positive" else (1 / fn - 1 / n1 + 1 / tn - 1 / n0)
    half = stats.norm.ppf((1 + level) / 2) * math.sqrt(seen)
    shown = ratio_of_calls(which, *whole)
    return min(value * math.exp(-half), shown), max(value * math.exp(half), shown), f"simel-log{added}", None


def predictive(which, se, sp, prevalence):
    if which == "ppv_local":
        right, wrong = se * prevalence, (1 - sp) * (1 - prevalence)
    else:
        right, wrong = sp * (1 - prevalence), (1 - se) * prevalence
    return right / (right + wrong) if right + wrong else math.nan


def predictive_interval(which, counts, here, level):
    """Mercaldo's logit limits; the prevalence's own limits joined as a root of squares (MOVER)."""
    raw = predictive(which, counts[0] / counts[1], counts[2] / counts[3], here["value"])
    (tp, n1, tn, n0), added = with_halves(*counts)
    se, sp = tp / n1, tn / n0
    logit = lambda p: math.log(p / (1 - p))  # noqa: E731
    if which == "ppv_local":
        variance = (1 - se) / (se * n1) + sp / ((1 - sp) * n0)
    else:
        variance = se / ((1 - se) * n1) + (1 - sp) / (sp * n0)
    centre = logit(predictive(which, se, sp, here["value"]))
    half = stats.norm.ppf((1 + level) / 2) * math.sqrt(variance)
    low_pi, high_pi = here.get("low"), here.get("high")
    down = 0.0 if low_pi is None else logit(here["value"]) - logit(low_pi)
    up = 0.0 if high_pi is None else logit(high_pi) - logit(here["value"])
    if which == "npv_local":
        down, up = up, down
    low = 1 / (1 + math.exp(-(centre - math.hypot(half, down))))
    high = 1 / (1 + math.exp(-(centre + math.hypot(half, up))))
    uncertain = "" if low_pi is None and high_pi is None else "-uncertain-prevalence"
    return min(low, raw), max(high, raw), f"mercaldo-logit{added}{uncertain}", None


# -------------------------------------------------------------------------------------------------------- resampling


class Draws:
    """How often each patient is drawn in each resample: one stream of random numbers for each."""

    def __init__(self, n_patients, seed, resamples):
        streams = (np.random.SeedSequence(seed, spawn_key=(r,)) for r in range(resamples))
        drawn = (np.random.Generator(np.random.PCG64(s)).integers(0, n_patients, size=n_patients) for s in streams)
        self.counts = np.array([np.bincount(d, minlength=n_patients) for d in drawn], dtype=float)


def bca(value_of, weights, level):
    """(low, high, method) or a reason, ``value_of``: [b, k] weights of patients -> [b]."""
    k = weights.shape[1]
    if k < 2:
        return "one_patient"
    value = value_of(np.ones((1, k)))[0]
    replicates = value_of(weights)
    valid = np.sort(replicates[~np.isnan(replicates)])
    if len(valid) < 0.95 * len(replicates):
        return "too_many_invalid_resamples"
    if valid[-1] - valid[0] <= 1e-12 * max(abs(valid[0]), abs(valid[-1])):
        return "degenerate"
    tails = [(1 - level) / 2, (1 + level) / 2]
    jack = value_of(np.ones((k, k)) - np.eye(k))
    tie = 1e-12 * abs(value)
    below = ((valid < value - tie).sum() + (valid <= value + tie).sum()) / (2 * len(valid))
    method = "percentile"
    if np.isfinite(jack).all() and 0 < below < 1 and ((jack - jack.mean()) ** 2).sum() > 0:
        dev = jack.mean() - jack
        a = (dev**3).sum() / (6 * (dev**2).sum() ** 1.5)
        z0, z = stats.norm.ppf(below), stats.norm.ppf(tails)
        if (1 - a * (z0 + z) > 0).all():
            tails, method = stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z))), "bca"
    low, high = valid[math.floor(tails[0] * (len(valid) - 1))], valid[math.ceil(tails[1] * (len(valid) - 1))]
    return min(low, value), max(high, value), f"patient-bootstrap-{method}", None


def quadratic_kappa(tables):
    """[b, g, g] -> [b]."""
    g = tables.shape[-1]
    w = (np.arange(g)[:, None] - np.arange(g)[None, :]) ** 2
    n = tables.sum(axis=(1, 2))
    expected = tables.sum(axis=2)[:, :, None] * tables.sum(axis=1)[:, None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        return 1 - (w * tables).sum(axis=(1, 2)) * n / (w * expected).sum(axis=(1, 2))


# --------------------------------------------------------------------------------------------------------- detection


def overlap(a, b):
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / (a[2] * a[3] + b[2] * b[3] - wide * high)


def centre_inside(mark, box):
    x, y = mark[0] + mark[2] / 2, mark[1] + mark[3] / 2
    if not (box[0] <= x <= box[0] + box[2] and box[1] <= y <= box[1] + box[3]):
        return None
    return -math.hypot(x - box[0] - box[2] / 2, y - box[1] - box[3] / 2)


def match(marks, lesions, rule):
    """(score of each lesion that counts or None, scores of the false positives): greedy by score, one to one."""

    def near(mark, lesion):
        if "iou_at_least" in rule:
            found = overlap(mark["box"], lesion["box"])
            return found if found >= rule["iou_at_least"] else None
        return centre_inside(mark["box"], lesion["box"])

    taken, alarms = {}, []
    counted = [lesion for lesion in lesions if not lesion["ignore"]]
    for mark in sorted(marks, key=lambda m: (-m["score"], m["box"])):
        hits = [(near(mark, lesion), -i) for i, lesion in enumerate(counted) if near(mark, lesion) is not None]
        free = [hit for hit in hits if -hit[1] not in taken]
        if free:
            taken[-max(free)[1]] = mark["score"]
        elif not hits and not any(near(mark, lesion) is not None for lesion in lesions if lesion["ignore"]):
            alarms.append(mark["score"])
    return [taken.get(i) for i in range(len(counted))], alarms


def box_of(row):
    return tuple(float(row[name]) for name in ("x", "y", "width", "height"))


def froc(hits, alarms, lesions, images, rate):
    """Sensitivity at the lowest threshold with at most ``rate`` false positives per image; [b, c] ascending scores."""
    down_hits = np.cumsum(hits[:, ::-1], axis=1)
    down_alarms = np.cumsum(alarms[:, ::-1], axis=1)
    zero = np.zeros((len(hits), 1))
    down_hits, down_alarms = np.hstack([zero, down_hits]), np.hstack([zero, down_alarms])
    allowed = rate * images
    last = (down_alarms <= allowed[:, None] * (1 + 1e-9)).sum(axis=1) - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        found = down_hits[np.arange(len(hits)), last] / lesions
    found[(lesions <= 0) | (images <= 0)] = np.nan
    return found


# ----------------------------------------------------------------------------------------------------- heterogeneity


def q_test(counts):
    x, n = np.array([c[0] for c in counts]), np.array([c[1] for c in counts])
    y, v = np.log((x + 0.5) / (n - x + 0.5)), 1 / (x + 0.5) + 1 / (n - x + 0.5)
    mean = (y / v).sum() / (1 / v).sum()
    q = ((y - mean) ** 2 / v).sum()
    return {
        "q": q,
        "degrees_of_freedom": len(x) - 1,
        "p": stats.chi2.sf(q, len(x) - 1),
        "i_squared": max(0.0, (q - len(x) + 1) / q) if q else 0.0,
    }


def permuted(hits, sizes, level, seed):
    """p of Pearson's chi squared, whole patients permuted over the levels."""
    n_levels, total = level.max() + 1, sizes.sum()
    p = hits.sum() / total
    if p in (0, 1):
        return 1.0

    def chi2(drawn):
        k, n = np.bincount(drawn, hits, n_levels), np.bincount(drawn, sizes, n_levels)
        return ((k - n * p) ** 2 / (n * p * (1 - p))).sum()

    rng, seen = np.random.default_rng(seed), chi2(level)
    return (1 + sum(chi2(rng.permutation(level)) >= seen * (1 - 1e-9) for _ in range(2000))) / 2001


def holm(p):
    """Adjusted p, largest of the steps so far, written out of Holm 1979."""
    ordered = sorted(range(len(p)), key=lambda i: p[i])
    adjusted, running = [0.0] * len(p), 0.0
    for step, i in enumerate(ordered):
        running = max(running, min(1.0, (len(p) - step) * p[i]))
        adjusted[i] = running
    return adjusted


def grade_agreement(reference, answer, labels):
    return cohen_kappa_score(reference, answer, labels=labels, weights="quadratic")


def strata_of(card, units, planned, more_levels=None):
    """Every planned stratum as a dictionary, levels of the card, met or not, with those met beside them."""
    levels = {}
    for name, how in card.get("strata", {}).items():
        known = how.get("levels") or []
        if "edges" in how:
            e = how["edges"]
            known = [f"<{e[0]}", *(f"[{a}, {b})" for a, b in pairwise(e)), f">={e[-1]}"]
        levels[name] = list(dict.fromkeys([*known, *sorted({u["levels"][name] for u in units})]))
    levels |= more_levels or {}
    found = [None]
    for field in planned:
        names = [field] if isinstance(field, str) else field
        found += [dict(zip(names, combo, strict=True)) for combo in product(*(levels[n] for n in names))]
    return found
