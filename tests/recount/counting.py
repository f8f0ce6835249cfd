"""Every estimate, flow row, verdict and test of a run counted a second time, to lay beside its record."""

import math
from collections import Counter, defaultdict

import numpy as np
from ruamel.yaml import YAML

from . import counting_grades as grades
from . import counting_marks as marks
from . import recount as rc

BEAT_CELLS = {
    "qrs_sensitivity": ([r + c for r in "NSVFQ" for c in "nsvfq"], [r + c for r in "NSVFQ" for c in "ox"]),
    "qrs_positive_predictivity": ([r + c for r in "NSVFQ" for c in "nsvfq"], [r + c for r in "OX" for c in "nsvfq"]),
    "veb_sensitivity": (["Vv"], ["V" + c for c in "nsfqox"]),
    "veb_positive_predictivity": (["Vv"], [r + "v" for r in "NSOX"]),
    "sveb_sensitivity": (["Ss"], ["S" + c for c in "nvfqox"]),
    "sveb_positive_predictivity": (["Ss"], [r + "s" for r in "NVFOX"]),
}
SHARES = ("sensitivity", "specificity", "ppv", "failure_rate", "gradability", *BEAT_CELLS, *grades.SHARES)
NOT_RECOUNTED = {"map": "held against pycocotools and faster-coco-eval; shown in the technical annex alone"}
TWO_CLASSES = ("auc", "lr_positive", "lr_negative", "ppv_local", "npv_local")


def key_of(row):
    """What names an estimate."""
    parameters = tuple(sorted(row["parameters"].items()))
    stratum = None if row["stratum"] is None else tuple(sorted(row["stratum"].items()))
    return row["candidate"], row["endpoint"], row["metric"], parameters, row["analysis"], stratum


class Count:
    """One run counted again. ``record`` is used for the beat tables alone, whose matching is not recounted here."""

    def __init__(self, protocol_path, run, record):
        self.protocol = YAML(typ="safe").load(protocol_path.read_text(encoding="utf-8"))
        self.folder = rc.Folder(protocol_path.parent / self.protocol["reference_set"])
        self.here = protocol_path.parent
        self.run, self.record = run, record
        given = self.protocol.get("statistics", {})
        self.level, self.seed = given.get("confidence", 0.95), given.get("seed", 20261121)
        self.resamples = given.get("resamples", 2000)
        self.smallest = given.get("minimum_n", {}).get("estimate", 10)
        self.imprecise = given.get("minimum_n", {}).get("imprecise_below", 30)
        self.estimates, self.flow, self.acceptance, self.tests, self.tables = {}, {}, {}, {}, {}
        self._draws = {}
        for endpoint in self.protocol["endpoints"]:
            for candidate in self.protocol["candidates"]:
                if candidate["id"] in endpoint.get("candidates", [candidate["id"]]):
                    self._count(endpoint, candidate)

    # -------------------------------------------------------------------------------------------- one endpoint

    def _count(self, endpoint, candidate):
        finding = endpoint.get("finding")
        unit = endpoint.get("unit", "case")
        # An endpoint without a finding is counted by the first one of the card: see test_defects.
        stands_for = finding or self.folder.card["findings"][0]["name"]
        units = self.folder.units(stands_for, "case" if unit in ("lesion", "beat") else unit)
        clustered = len({u["patient"] for u in units}) < len(units)
        answers = rc.answers_of(self.run, candidate["id"])
        for u in units:
            if (
                endpoint["task"] == "detection" and u["reference"] == "missing"
            ):  # lesions speak where truth.csv is silent
                drawn = any(self.folder.lesions.get((c["case_id"], finding)) for c in u["cases"])
                u["reference"] = "positive" if drawn else "missing"
            if endpoint["task"] == "beats" and u["reference"] not in rc.UNDECIDED:  # see test_defects
                u["reference"] = "annotated"
            self._hear(u, endpoint, candidate, answers)
        key = (candidate["id"], endpoint["name"])
        self._flow(key, units, endpoint)
        rows = {}
        treatments = rc.treatments(self.protocol)
        if not any(a["status"] in ("not_sent", "unreadable") for a in answers.values()):
            del treatments["all_charged"]
        for analysis, treatment in treatments.items():
            rows[analysis] = self._rows(units, endpoint, candidate, answers, treatment)
            self._estimate(key, endpoint, analysis, rows[analysis], units, clustered)
        self._confusion(key, endpoint, units)
        self._test(key, endpoint, rows["intention_to_diagnose"], units, clustered)
        for rule in self.protocol.get("acceptance", []):
            if rule["endpoint"] == endpoint["name"] and rule.get("candidate", "*") in ("*", candidate["id"]):
                self._decide(key, rule, endpoint, rows["intention_to_diagnose"], units, clustered)

    def _hear(self, unit, endpoint, candidate, answers):
        finding, heard = endpoint.get("finding"), [answers[c["case_id"]] for c in unit["cases"]]
        reference = unit["reference"]
        unit["grade"] = None
        if endpoint["task"] == "classification":
            point = self._points(candidate).get(finding)
            said = [rc.said_of_finding(a, finding, point) for a in heard]
            unit["status"], unit["call"], unit["score"], unit["unheard"] = rc.unit_said(said)
            unit["sick"] = {"positive": True, "negative": False}.get(reference)
        elif endpoint["task"] == "grading":
            cut = int(endpoint["positive_when"].split()[-1])
            found = rc.unit_grade(heard, finding, cut)
            unit["status"], unit["grade"], unit["score"], unit["unheard"], unit["silent"] = found
            unit["call"] = None if unit["grade"] is None else unit["grade"] >= cut
            unit["sick"] = int(reference) >= cut if reference.isdigit() else None
        else:
            statuses = [a.get("finding_statuses", {}).get(finding, a["status"]) for a in heard]
            unit["status"] = max(statuses, key=rc.BADNESS.index)
            unit["sick"] = {"positive": True, "negative": False}.get(reference)

    def _points(self, candidate):
        points = {}
        if "package" in candidate:
            manifest = self.here / candidate["package"] / "candidate.yaml"
            points = YAML(typ="safe").load(manifest.read_text(encoding="utf-8")).get("operating_points", {})
        return {**points, **candidate.get("operating_points", {})}

    def _flow(self, key, units, endpoint):
        for reference in {u["reference"] for u in units}:
            of = [u for u in units if u["reference"] == reference]
            out = reference in rc.UNDECIDED
            counts = Counter(u["status"] for u in of)
            row = {status: 0 if out else counts[status] for status in rc.BADNESS}
            row |= {
                "eligible": len(of),
                "included": 0 if out else len(of),
                "sent": 0 if out else len(of) - counts["not_sent"],
                "excluded": {f"reference_{reference}": len(of)} if out else {},
            }
            self.flow[*key, reference] = row

    def _confusion(self, key, endpoint, units):
        if endpoint["task"] not in ("classification", "grading"):
            return
        columns = ["positive", "negative", *rc.BADNESS[1:]]
        counts = [[0.0] * len(columns) for _ in range(2)]
        for u in units:
            if u["sick"] is not None:
                said = u["status"] if u["status"] != "answered" else "positive" if u["call"] else "negative"
                counts[0 if u["sick"] else 1][columns.index(said)] += 1
        self.tables[*key, "confusion"] = (columns, counts)
        if endpoint["task"] == "grading":
            names = [str(g) for g in rc.GRADES[endpoint["scale"]]]
            columns = [*names, *rc.BADNESS[1:]]
            counts = [[0.0] * len(columns) for _ in names]
            for u in units:
                if u["reference"] in names:
                    said = u["status"] if u["status"] != "answered" else str(u["grade"])
                    counts[names.index(u["reference"])][columns.index(said)] += 1
            self.tables[*key, "grades"] = (columns, counts)

    # ---------------------------------------------------------------------------------------------------- rows

    def _rows(self, units, endpoint, candidate, answers, treatment):
        """One dictionary for each unit that counts: what every metric of the task needs."""
        if endpoint["task"] == "detection":
            cut = point["score_at_least"] if (point := self._points(candidate).get(endpoint["finding"])) else None
            return marks.Marks(self.folder, endpoint, cut).things(units, answers, treatment)
        if endpoint["task"] == "beats":
            return self._beats(units)
        rows = []
        scored = [u for u in units if u["status"] == "answered"]
        known = [int(u["reference"]) for u in units if u["reference"].isdigit()]
        have_scores = not scored or any(u["score"] is not None for u in scored)
        for u in units:
            found = None if u["sick"] is None else rc.counted(u, treatment)
            if found is None:
                continue
            row = {"unit": u, "call": found[0], "score": found[1] if have_scores else None}
            if endpoint["task"] == "grading":
                row["reference_grade"] = int(u["reference"])
                row["answer_grade"] = self._grade(u, endpoint, treatment, sum(known) / len(known))
            rows.append(row)
        return rows

    def _grade(self, unit, endpoint, treatment, mean):
        reference, grades = int(unit["reference"]), rc.GRADES[endpoint["scale"]]
        cut = int(endpoint["positive_when"].split()[-1])
        is_charged = any(treatment[s] == "wrong" for s in unit["silent"])
        if unit["grade"] is not None and not is_charged:
            return unit["grade"]
        how = "wrong" if is_charged else treatment[unit["status"]]
        allowed = [g for g in grades if how == "wrong" or (g >= cut) == (how == "positive")]
        far = max(abs(g - reference) for g in allowed)
        as_far = [g for g in allowed if abs(g - reference) == far]
        return min(as_far) if reference >= mean else max(as_far)

    def _beats(self, units):
        named = [t for t in self.record["results"]["tables"] if t["name"].startswith("ec57_beats")]
        tables = {t["case_id"]: t for t in named if t["case_id"] is not None}
        rows = []
        for u in units:
            table = tables[u["id"]]
            cells = {
                r + c: n
                for r, line in zip(table["rows"], table["counts"], strict=True)
                for c, n in zip(table["columns"], line, strict=True)
            }
            rows.append({"unit": u, "cells": cells})
        return rows

    # --------------------------------------------------------------------------------------------------- metrics

    def _metrics(self, endpoint):
        for entry in endpoint["metrics"]:
            name, options = (entry, {}) if isinstance(entry, str) else (entry["name"], {**entry})
            options.pop("name", None)
            spread = next((k for k, v in options.items() if isinstance(v, list)), None)
            for point in options[spread] if spread else [None]:
                yield name, {**options, spread: point} if spread else options

    def _estimate(self, key, endpoint, analysis, rows, units, clustered):
        of_units = [{"unit": u} for u in units]
        for metric, options in self._metrics(endpoint):
            if metric in NOT_RECOUNTED:
                continue
            everyone = metric in ("failure_rate", "gradability")
            if everyone and analysis != "intention_to_diagnose":
                continue
            used = of_units if everyone else rows
            groups = self._groups(units, self.protocol.get("strata", []), used)
            whole = self._share(metric, used, options) if self._is_share(metric, options) else ()
            many = clustered or self._counts_twice(whole)
            for stratum in groups:
                here = [r for r in used if marks.lies_in(r, stratum)]
                found = self._one(metric, options, here, used, many)
                if any("levels" in r and not r["levels"].keys().isdisjoint(stratum or {}) for r in used):
                    found = self._of_lesion_level(metric, found, [r["unit"] for r in here if "levels" in r])
                name = (*key, metric, tuple(sorted(options.items())), analysis)
                self.estimates[*name, None if stratum is None else tuple(sorted(stratum.items()))] = found

    def _of_lesion_level(self, metric, found, units):
        """At a level of lesions: the units that have such a lesion, and no figure of false marks."""
        if not metric.startswith("false_positives"):
            return {**found, **{name: n for name, n in self._fields(0, units, "").items() if name.startswith("n_")}}
        reason = "of_no_lesion" if found["own_n"] else found["not_estimable"]
        nothing = {"value": None, "low": None, "high": None, "method": None, "not_estimable": reason}
        return {**found, **{name: n for name, n in self._fields(0, [], "").items() if name.startswith("n_")}, **nothing}

    @staticmethod
    def _counts_twice(share):
        return bool(share) and max(rc.by_patient([s[1] for s in share], [s[2] for s in share]).values(), default=0) > 1

    @staticmethod
    def _is_share(metric, options):
        return metric in SHARES or marks.is_share(metric, options)

    def _groups(self, units, planned, rows):
        """The strata that these rows can be cut by: those of the card, and of lesions where the rows hold any."""
        of_lesions = marks.levels_met(rows, marks.fields_of(self.folder)) if any("levels" in r for r in rows) else {}
        known = {*self.folder.card.get("strata", {}), *of_lesions}
        usable = [each for each in planned if known.issuperset([each] if isinstance(each, str) else each)]
        return rc.strata_of(self.folder.card, units, usable, of_lesions)

    def _share(self, metric, rows, options):
        """[(numerator, denominator, patient, unit)] of a share."""
        found = []
        for row in rows:
            u = row["unit"]
            if metric in BEAT_CELLS:
                right, wrong = BEAT_CELLS[metric]
                k = sum(row["cells"][c] for c in right)
                n = k + sum(row["cells"][c] for c in wrong)
            elif metric in ("failure_rate", "gradability"):
                states = ("answered",) if metric == "gradability" else ("abstained", "rejected_input", "failed")
                n = u["status"] not in ("not_sent", "unreadable")
                k = n and u["status"] in states
            elif metric in grades.SHARES:
                k, n = grades.share(metric, options, row)
            elif "kind" in row:
                k, n = marks.share(row)
            elif row["call"] is None:
                continue
            else:
                n = row["call"] if metric == "ppv" else u["sick"] == (metric == "sensitivity")
                k = n and row["call"] == u["sick"]
            found.append((float(k), float(n), u["patient"], u, row.get("levels", {})))
        return found

    def _one(self, metric, options, rows, whole, clustered):
        """The fields of one estimate."""
        if self._is_share(metric, options):
            return self._of_share(self._share(metric, rows, options), clustered)
        if metric == "kappa_quadratic":
            return self._of_kappa(rows, whole)
        if metric == "mean_grade_error":
            return self._of_mean_error(rows, whole)
        if metric == "lesion_sensitivity":
            return self._of_lesions(rows, whole, options["at_false_positives_per_image"])
        if metric == "false_positives_per_image":
            return self._of_false_marks(rows, whole)
        if metric in marks.AREAS:
            return self._of_marked_area(rows, whole, metric)
        if metric == "f1":
            return self._of_f1(rows, whole)
        return self._of_two_classes(metric, rows, clustered)

    def _fields(self, own_n, units, reason=None, value=None, interval=None):
        fields = {
            "own_n": own_n,
            "n_units": len({u["id"] for u in units}),
            "n_patients": len({u["patient"] for u in units}),
            "n_positive": len({u["id"] for u in units if u.get("sick")}),
            "n_negative": len({u["id"] for u in units if u.get("sick") is False}),
            "n_unanswered": len({u["id"] for u in units if u["status"] != "answered"}),
        }
        if reason is None and isinstance(interval, str):
            reason = interval
        if reason is None and value is not None and not math.isfinite(value):
            reason = "undefined"
        if reason is not None:
            return {**fields, "not_estimable": reason, "value": None, "low": None, "high": None}
        low, high, method = interval[:3]
        return {**fields, "not_estimable": None, "value": value, "low": low, "high": high, "method": method}

    def _absent(self, own_n, classes):
        if own_n <= 0:
            return "no_denominator" if classes == 1 else "one_class"
        return "too_few" if own_n < self.smallest else None

    def _of_share(self, share, clustered):
        k, n = [s[0] for s in share], [s[1] for s in share]
        units, patients = [s[3] for s in share if s[1]], [s[2] for s in share]
        reason = self._absent(sum(n), 1)
        if reason:
            return {**self._fields(sum(n), units, reason), "numerator": sum(k), "denominator": sum(n)}
        interval = rc.share_interval(k, n, patients, clustered=clustered, level=self.level)
        found = self._fields(sum(n), units, None, sum(k) / sum(n), interval)
        return {**found, "numerator": sum(k), "denominator": sum(n)}

    def _of_two_classes(self, metric, rows, clustered):
        ranked = metric == "auc"
        rows = [r for r in rows if (r["score"] if ranked else r["call"]) is not None]
        sick = np.array([r["unit"]["sick"] for r in rows], bool)
        units, patients = [r["unit"] for r in rows], [r["unit"]["patient"] for r in rows]
        own_n = min(sick.sum(), (~sick).sum())
        card = self.folder.card.get("local_prevalence", [])
        if metric.endswith("_local") and not card:
            return self._fields(own_n, units, "no_local_prevalence")
        reason = self._absent(own_n, 2)
        if reason:
            return self._fields(own_n, units, reason)
        if ranked:
            scores = [r["score"] for r in rows]
            interval = rc.area_interval(scores, sick, patients, clustered=clustered, level=self.level)
            return self._fields(own_n, units, None, rc.area(scores, sick), interval)
        counts, whole = [], []
        for disease in (True, False):
            of = [r for r in rows if r["unit"]["sick"] == disease]
            right, n = [float(r["call"] == disease) for r in of], [1.0] * len(of)
            whole += [sum(right), sum(n)]
            found = rc.effective(right, n, [r["unit"]["patient"] for r in of]) if clustered else (sum(right), sum(n))
            if found is None:
                return self._fields(own_n, units, "one_patient")
            counts += found[:2]
        if metric.startswith("lr"):
            value = rc.ratio_of_calls(metric, *whole)
            return self._fields(own_n, units, None, value, rc.ratio_interval(metric, counts, whole, self.level))
        value = rc.predictive(metric, whole[0] / whole[1], whole[2] / whole[3], card[0]["value"])
        if math.isnan(value):
            return self._fields(own_n, units, "undefined")
        return self._fields(own_n, units, None, value, rc.predictive_interval(metric, counts, card[0], self.level))

    # ------------------------------------------------------------------------------------------------- resampled

    def _weights(self, rows, whole):
        """(weights [b, k] of the patients of these rows, position of each patient): one draw serves every group."""
        everyone = sorted({r["unit"]["patient"] for r in whole})
        if len(everyone) not in self._draws:
            self._draws[len(everyone)] = rc.Draws(len(everyone), self.seed, self.resamples).counts
        own = sorted({r["unit"]["patient"] for r in rows})
        columns = [everyone.index(p) for p in own]
        return self._draws[len(everyone)][:, columns], {p: i for i, p in enumerate(own)}

    def _of_kappa(self, rows, whole):
        units = [r["unit"] for r in rows]
        reason = self._absent(len(rows), 1)
        if reason:
            return self._fields(len(rows), units, reason)
        pairs = [(r["reference_grade"], r["answer_grade"]) for r in rows]
        value = rc.grade_agreement(*zip(*pairs, strict=True), labels=range(5))
        weights, at = self._weights(rows, whole)
        tables = np.zeros((len(at), 5, 5))
        for row, pair in zip(rows, pairs, strict=True):
            tables[at[row["unit"]["patient"]], *pair] += 1
        interval = rc.bca(lambda w: rc.quadratic_kappa(np.tensordot(w, tables, 1)), weights, self.level)
        return self._fields(len(rows), units, None, value, interval)

    def _of_mean_error(self, rows, whole):
        units = [r["unit"] for r in rows]
        reason = self._absent(len(rows), 1)
        if reason:
            return self._fields(len(rows), units, reason)
        return self._fields(len(rows), units, None, *grades.mean_error(rows, *self._weights(rows, whole), self.level))

    def _of_f1(self, rows, whole):
        units = [r["unit"] for r in rows if r["unit"]["sick"] or r["call"]]
        n_sick = sum(bool(r["unit"]["sick"]) for r in rows)
        weights, at = self._weights(rows, whole)
        sums = np.zeros((len(at), 3))
        for r in rows:
            sick, call = r["unit"]["sick"], r["call"]
            sums[at[r["unit"]["patient"]]] += (sick and call, sick, call)
        reason = self._absent(n_sick, 1)
        if reason:
            return self._fields(n_sick, units, reason)

        def f1(w):
            tp, sick, called = (w @ sums).T
            with np.errstate(invalid="ignore"):
                return 2 * tp / (sick + called)

        return self._fields(n_sick, units, None, f1(np.ones((1, len(at))))[0], rc.bca(f1, weights, self.level))

    def _of_lesions(self, rows, whole, rate):
        units = [r["unit"] for r in rows]
        n = sum(r["kind"] == "lesion" for r in rows)
        reason = self._absent(n, 1)
        if reason:
            return self._fields(n, units, reason)
        weights, at = self._weights(rows, whole)
        return self._resampled(n, units, marks.rate_of(rows, at, rate), weights)

    def _of_false_marks(self, rows, whole):
        units = [r["unit"] for r in rows]
        counts = {
            "numerator": float(sum(r["kind"] == "alarm" and r["called"] for r in rows)),
            "denominator": float(sum(r.get("images", 0) for r in rows)),
        }
        n = counts["denominator"]
        reason = self._absent(n, 1)
        if reason:
            return {**self._fields(n, units, reason), **counts}
        weights, at = self._weights(rows, whole)
        return {**self._resampled(n, units, marks.false_marks_of(rows, at), weights), **counts}

    def _of_marked_area(self, rows, whole, metric):
        compared = [r for r in rows if r["kind"] == "unit" and r["normal"]]
        lesions = [r for r in rows if r["kind"] == "lesion"]
        units, n = [r["unit"] for r in (*lesions, *compared)], min(len(lesions), len(compared))
        reason = self._absent(n, 2)
        if reason:
            return self._fields(n, units, reason)
        weights, at = self._weights(rows, whole)
        return self._resampled(n, units, marks.area_of(rows, at, metric), weights)

    def _resampled(self, n, units, value, weights):
        return self._fields(
            n, units, None, value(np.ones((1, weights.shape[1])))[0], rc.bca(value, weights, self.level)
        )

    # --------------------------------------------------------------------------------------------- tests, verdicts

    def _decide(self, key, rule, endpoint, rows, units, clustered):
        field, metric = rule.get("each_level_of"), rule["metric"]
        groups = self._groups(units, [] if field is None else [field], rows)
        groups = groups if field is None else groups[1:]
        used = [{"unit": u} for u in units] if metric in ("failure_rate", "gradability") else rows
        many = clustered or self._counts_twice(self._share(metric, used, {}))
        level = 1 - (1 - self.level) / len(groups)
        for stratum in groups:
            share = self._share(metric, [r for r in used if marks.lies_in(r, stratum)], {})
            k, n, patients = ([s[i] for s in share] for i in range(3))
            found = {"confidence": level, "numerator": sum(k), "denominator": sum(n)}
            reason = self._absent(sum(n), 1)
            interval = reason or rc.exact_share(k, n, patients, clustered=many, level=level)
            if isinstance(interval, str):
                found |= {"verdict": "inconclusive", "low": None, "high": None, "method": None}
            else:
                low, high, method, _ = interval
                if "at_least" in rule:
                    verdict = "met" if low >= rule["at_least"] else "not_met" if high < rule["at_least"] else None
                else:
                    verdict = "met" if high <= rule["at_most"] else "not_met" if low > rule["at_most"] else None
                found |= {"verdict": verdict or "inconclusive", "low": low, "high": high, "method": method}
            name = None if stratum is None else tuple(sorted(stratum.items()))
            self.acceptance[rule["id"], key[0], name] = found

    def _test(self, key, endpoint, rows, units, clustered):
        family = []
        ordered = [m for everyone in (False, True) for m in self._metrics(endpoint) if self._on_all(m) == everyone]
        for metric, options in ordered:
            if not self._is_share(metric, options):
                continue
            used = [{"unit": u} for u in units] if metric in ("failure_rate", "gradability") else rows
            many = clustered or self._counts_twice(self._share(metric, used, options))
            shared = self._share(metric, used, options)
            groups = self._groups(units, self.protocol.get("strata", []), used)
            for field in dict.fromkeys(next(iter(g)) for g in groups[1:] if len(g) == 1):
                found = self._tested(shared, field, [g[field] for g in groups[1:] if {field} == g.keys()], many)
                self.tests[*key, metric, tuple(sorted(options.items())), field] = found
                family += [found] if "p" in found else []
        for found, p in zip(family, rc.holm([f["p"] for f in family]) if family else [], strict=True):
            found["p_holm"] = p

    @staticmethod
    def _on_all(metric):
        return metric[0] in ("failure_rate", "gradability")

    def _tested(self, shared, field, levels, many):
        by_level = defaultdict(list)
        for s in shared:
            if s[1]:
                by_level[{**s[3]["levels"], **s[4]}[field]].append(s)
        order = [level for level in levels if level in by_level]
        if sum(sum(s[1] for s in by_level[level]) >= self.smallest for level in order) < 2:
            return {"not_estimable": "fewer_than_two_strata"}
        found = self._by_q(by_level, order, many)
        if found is None and any(field in s[4] for s in shared):  # images are of every level of a field of lesions
            return {"not_estimable": "levels_within_patients"}
        return found or self._by_permutation(by_level, order)

    @staticmethod
    def _by_q(by_level, order, many):
        counts = []
        for level in order:
            k, n, patients, *_ = zip(*by_level[level], strict=True)
            counts.append(rc.effective(k, n, patients) if many else (sum(k), sum(n)))
        if not all(counts):
            return None
        share = sum(c[0] for c in counts) / sum(c[1] for c in counts)
        trusted = min(min(c[1] * share, c[1] * (1 - share)) for c in counts) >= 5
        return {"method": "cochran-q", **rc.q_test(counts)} if trusted else None

    def _by_permutation(self, by_level, order):
        of_patient = defaultdict(set)
        hits, sizes = defaultdict(float), defaultdict(float)
        for at, level in enumerate(order):
            for k, n, patient, *_ in by_level[level]:
                of_patient[patient].add(at)
                hits[patient] += k
                sizes[patient] += n
        if any(len(levels) > 1 for levels in of_patient.values()):
            return {"not_estimable": "levels_within_patients"}
        patients = sorted(of_patient)
        level = np.array([next(iter(of_patient[p])) for p in patients])
        x, m = np.array([hits[p] for p in patients]), np.array([sizes[p] for p in patients])
        return {"method": "patient-permutation", "p": rc.permuted(x, m, level, self.seed)}
