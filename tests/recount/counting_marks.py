"""Lesions, false marks and units counted a second time, one thing after the other: what a detection is estimated from.

A thing is a lesion, a false mark (or an image that is charged as one) or a unit. A field of the lesions cuts lesions
alone: everything else counts at each of its levels.
"""

import math
from collections import defaultdict

import numpy as np

from . import recount as rc

PLAIN = ("lesion_id", "image", "frame", "x", "y", "width", "height", "weight", "ignore", "reader")
AREAS = ("afroc", "wafroc")


def is_share(metric, options):
    """Whether it is lesions called over lesions."""
    return metric == "lesion_sensitivity" and "at_false_positives_per_image" not in options


def fields_of(folder):
    """Fields of the lesions: the further columns of lesions.csv."""
    rows = [row for rows in folder.lesions.values() for row in rows]
    return [name for name in (rows[0] if rows else ()) if name not in (*PLAIN, "case_id", "finding")]


class Marks:
    """Marks of one candidate against the lesions of a folder, under the options of an endpoint."""

    def __init__(self, folder, endpoint, cut):
        self.folder, self.finding = folder, endpoint["finding"]
        self.rule, self.by_id = endpoint["hit_rule"], endpoint.get("lesions") == "by_id"
        self.cut = -math.inf if cut is None else cut
        self.fields = fields_of(folder)

    def things(self, units, answers, treatment):
        viewed = []
        for u in units:
            if u["reference"] not in rc.UNDECIDED:
                of_cases = (self._view(case, answers[case["case_id"]], treatment) for case in u["cases"])
                viewed.append((u, [view for view in of_cases if view]))
        charge = worst_image([view for _, views in viewed for view in views])
        return [thing for u, views in viewed if views for thing in self._of_unit(u, views, charge)]

    def _of_unit(self, u, views, charge):
        drawn = [row for case in u["cases"] for row in self._drawn(case) if not is_ignored(row)]
        normal = u["reference"] == "negative" and not drawn
        lesions = list(self._merged([lesion for view in views for lesion in view["lesions"]]))
        total = sum(lesion["weight"] for lesion in lesions)
        for lesion in lesions:
            lesion["weight"] /= total
        alarms = [alarm for view in views for alarm in view["alarms"]]
        alarms += [alarm for view in views for _ in range(view["n_silent"]) for alarm in charge]
        worst = max((alarm["score"] for alarm in alarms), default=-math.inf)
        unit = {"kind": "unit", "score": worst, "images": sum(view["images"] for view in views)}
        return [{**thing, "unit": u, "normal": normal} for thing in (*lesions, *alarms, unit)]

    def _drawn(self, case):
        return self.folder.lesions.get((case["case_id"], self.finding), [])

    def _view(self, case, answer, treatment):
        """Lesions and alarms of one image or series; None where it is set apart."""
        status = answer.get("finding_statuses", {}).get(self.finding, answer["status"])
        how = None if status == "answered" else treatment[status]
        if how == "apart":
            return None
        marks = [m for m in answer.get("marks") or () if m["finding"] == self.finding]
        keeps = how in (None, "negative") or (bool(marks) and (status == "indeterminate" or how == "positive"))
        heard = [{"score": m["score"], "box": rc.box_of(m)} for m in marks] if keeps else []
        rows = self._drawn(case)
        shapes = [{"box": rc.box_of(row), "ignore": is_ignored(row)} for row in rows]
        hits, alarms = rc.match(heard, shapes, self.rule)
        counts = how is None or how == "positive"  # of a doubt that is read as negative nothing is called
        lesions = [
            {
                "kind": "lesion",
                "id": row["lesion_id"] if self.by_id else (case["case_id"], at),
                "score": -math.inf if hit is None else hit,
                "called": hit is not None and counts and hit >= self.cut,
                "weight": float(row.get("weight") or 1),
                "levels": {name: row[name] or "not recorded" for name in self.fields},
            }
            for at, (row, hit) in enumerate(zip([r for r in rows if not is_ignored(r)], hits, strict=True))
        ]
        false = [{"kind": "alarm", "score": s, "called": counts and s >= self.cut} for s in alarms]
        n_silent = 0 if keeps else case["n_files"]
        return {"lesions": lesions, "alarms": false, "images": case["n_files"], "n_silent": n_silent}

    def _merged(self, lesions):
        """One for all views of a lesion: found where any view has it."""
        by_id = defaultdict(list)
        for lesion in lesions:
            by_id[lesion["id"]].append(lesion)
        for seen in by_id.values():
            best = {name: max(lesion[name] for lesion in seen) for name in ("score", "called", "weight")}
            levels = {name: one_level([lesion["levels"][name] for lesion in seen]) for name in self.fields}
            yield {"kind": "lesion", **best, "levels": levels}


def worst_image(views):
    """The alarms of one image without an answer: one above all, then at each place the highest of any image."""
    ranked = [sorted(view["alarms"], key=lambda alarm: -alarm["score"])[:100] for view in views]
    places = range(1, max(map(len, ranked), default=0))
    further = [max((of[k] for of in ranked if len(of) > k), key=lambda alarm: alarm["score"]) for k in places]
    return [{"kind": "alarm", "score": math.inf, "called": True}, *further]


def is_ignored(row):
    return row.get("ignore") in ("1", "true")


def one_level(levels):
    known = sorted({level for level in levels if level != "not recorded"})
    return "several values" if len(known) > 1 else (known or ["not recorded"])[0]


def levels_met(things, fields):
    """Field -> levels that lesions have."""
    return {name: sorted({t["levels"][name] for t in things if "levels" in t}) for name in fields}


def lies_in(row, stratum):
    """Whether something counts in a stratum, by its own level where the field is one of lesions."""
    own = row.get("levels")
    for name, level in (stratum or {}).items():
        if own is not None and name in own:
            if own[name] != level:
                return False
        elif name in row["unit"]["levels"] and row["unit"]["levels"][name] != level:
            return False
    return True


def share(thing):
    """(numerator, denominator) of lesions called over lesions."""
    is_lesion = thing["kind"] == "lesion"
    return float(is_lesion and thing["called"]), float(is_lesion)


class Sums:
    """Totals of patients, [k], and at each of the distinct scores, [k, c], ascending."""

    def __init__(self, things, at):
        self.things, self.at = things, at
        self.scores = {s: i for i, s in enumerate(sorted({t["score"] for t in things} | {0.0}))}

    def of(self, weight):
        found = np.zeros(len(self.at))
        for thing in self.things:
            found[self.at[thing["unit"]["patient"]]] += weight(thing)
        return found

    def ranked(self, weight):
        found = np.zeros((len(self.at), len(self.scores)))
        for thing in self.things:
            found[self.at[thing["unit"]["patient"]], self.scores[thing["score"]]] += weight(thing)
        return found


def rate_of(things, at, rate):
    """Value of weights [b, k]: lesions found at a rate of false marks per image."""
    sums = Sums(things, at)
    hits = sums.ranked(lambda t: t["kind"] == "lesion" and t["score"] > -math.inf)
    alarms = sums.ranked(lambda t: t["kind"] == "alarm")
    lesions, images = sums.of(lambda t: t["kind"] == "lesion"), sums.of(lambda t: t.get("images", 0))
    return lambda w: rc.froc(w @ hits, w @ alarms, w @ lesions, w @ images, rate)


def false_marks_of(things, at):
    """Value of weights [b, k]: false marks called per image."""
    sums = Sums(things, at)
    called = sums.of(lambda t: t["kind"] == "alarm" and t["called"])
    images = sums.of(lambda t: t.get("images", 0))

    def value(w):
        with np.errstate(invalid="ignore", divide="ignore"):
            return (w @ called) / (w @ images)

    return value


def area_of(things, at, metric):
    """Value of weights [b, k]: how often a lesion is rated above the worst false mark of a normal unit, ties a half."""
    sums = Sums(things, at)
    lesions = sums.ranked(lambda t: t["kind"] == "lesion" and (t["weight"] if metric == "wafroc" else 1))
    normal = sums.ranked(lambda t: t["kind"] == "unit" and t["normal"])

    def value(w):
        rated, worst = w @ lesions, w @ normal
        below = np.cumsum(worst, axis=1) - worst / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            return (rated * below).sum(axis=1) / (rated.sum(axis=1) * worst.sum(axis=1))

    return value
