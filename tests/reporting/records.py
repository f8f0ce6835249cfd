"""A realistic record made from nothing: two candidates, four tasks, every state of a stratum and of a verdict."""

from dmn_bench.record import (
    AcceptanceRow,
    CandidatePart,
    CurveRow,
    ErrorRowPart,
    EstimateRow,
    FlowRow,
    HeterogeneityRow,
    Observed,
    ProtocolPart,
    Record,
    ReferenceSetPart,
    Results,
    Spread,
    TableRow,
    TimingClassRow,
    TimingRow,
)
from dmn_bench.statistics.proportions import clopper_pearson, wilson

from .declared import CARD, ITD, A, B, agreement, composition, content, device
from .strips import pictures

STATUSES_WORST_LAST = ("not_sent", "unreadable", "indeterminate", "abstained", "rejected_input", "failed")
EVALUABLE, AS_USED = "evaluable", "as_used"


def share(metric, k, n, *, candidate=A, endpoint="exam", analysis=ITD, stratum=None, **more):
    """An estimate of a share: k of n, Wilson; below 10 not estimable, below 30 imprecise."""
    facts = {
        "candidate": candidate,
        "endpoint": endpoint,
        "metric": metric,
        "analysis": analysis,
        "stratum": stratum,
        "scale": "share",
        "better": "higher",
        "numerator": k,
        "denominator": n,
        "own_n": n,
        "n_units": n,
        "n_patients": n,
        "n_positive": n if metric != "specificity" else 0,
        "n_negative": n if metric == "specificity" else 0,
        "n_unanswered": 0,
    }
    if n < 10:
        reason = {"not_estimable": "too_few", "not_estimable_facts": {"n": n, "minimum": 10}}
        return EstimateRow(**{**facts, **reason, **more})
    low, high = wilson(k, n)[:2]
    value = {"value": k / n, "low": low, "high": high, "confidence": 0.95, "method": "wilson", "imprecise": n < 30}
    return EstimateRow(**{**facts, **value, **more})


def figure(metric, value, low, high, *, scale="agreement", n=300, **more):
    """An estimate that is no share of counts."""
    facts = {
        "candidate": A,
        "endpoint": "exam",
        "analysis": ITD,
        "stratum": None,
        "better": "higher",
        "own_n": n,
        "n_units": n,
        "n_patients": n,
        "n_positive": 100,
        "n_negative": n - 100,
        "n_unanswered": 15,
        "confidence": 0.95,
        "method": "delong-logit",
    }
    return EstimateRow(**{**facts, "metric": metric, "value": value, "low": low, "high": high, "scale": scale, **more})


def rule(id_, k, n, limit, verdict, reason, *, candidate=A, metric="sensitivity", stratum=None, confidence=0.95):
    """An acceptance row with its Clopper-Pearson interval."""
    low, high = clopper_pearson(k, n, confidence)[:2]
    return AcceptanceRow(
        id=id_,
        candidate=candidate,
        endpoint="exam",
        metric=metric,
        stratum=stratum,
        direction="at_least",
        limit=limit,
        scale="share",
        value=k / n,
        low=low,
        high=high,
        confidence=confidence,
        method="clopper-pearson",
        numerator=k,
        denominator=n,
        own_n=n,
        verdict=verdict,
        reason=reason,
    )


def flow(reference, *, candidate=A, endpoint="exam", unit="exam", eligible, answered, **lost):
    """A flow row: what is not answered is in ``lost``."""
    counts = (
        dict.fromkeys(("indeterminate", "abstained", "rejected_input", "failed", "not_sent", "unreadable"), 0) | lost
    )
    excluded = counts.pop("excluded", {})
    included = eligible - sum(excluded.values())
    return FlowRow(
        candidate=candidate,
        endpoint=endpoint,
        unit=unit,
        reference=reference,
        eligible=eligible,
        excluded=excluded,
        included=included,
        sent=included - counts["not_sent"],
        answered=answered,
        **counts,
    )


def estimates_of(candidate, *, shift=0):
    """The main estimates, three analyses and strata of one candidate; ``shift`` fewer hits."""
    rows = [
        share("sensitivity", 88 - shift, 100, candidate=candidate),
        share("specificity", 155 - shift, 200, candidate=candidate),
        figure("auc", 0.91, 0.87, 0.94, candidate=candidate),
        share("ppv", 88, 133, candidate=candidate),
        figure("ppv_local", 0.462, 0.395, 0.531, scale="share", candidate=candidate, method="mercaldo-logit"),
        figure("npv_local", 0.967, 0.946, 0.981, scale="share", candidate=candidate, method="mercaldo-logit"),
        figure("lr_positive", 3.911, 2.98, 5.14, scale="ratio", candidate=candidate, method="simel-log"),
        share("accuracy", 243, 300, candidate=candidate),
        share("failure_rate", 15, 300, candidate=candidate, better="lower"),
        share("sensitivity", 88 - shift, 95, candidate=candidate, analysis=EVALUABLE),
        share("specificity", 155 - shift, 190, candidate=candidate, analysis=EVALUABLE),
        figure("auc", 0.93, 0.9, 0.955, candidate=candidate, analysis=EVALUABLE),
        share("sensitivity", 93 - shift, 100, candidate=candidate, analysis=AS_USED),
        share("specificity", 155 - shift, 200, candidate=candidate, analysis=AS_USED),
    ]
    cuts = [
        ({"sex": "F"}, 45, 50, 78, 100),
        ({"sex": "M"}, 43, 50, 77, 100),
        ({"age": "<18"}, 0, 0, 0, 0),
        ({"age": "[18, 40)"}, 5, 7, 42, 50),
        ({"age": "[40, 65)"}, 16, 18, 60, 75),
        ({"age": ">=65"}, 62, 70, 48, 68),
        ({"age": "not recorded"}, 5, 5, 5, 7),
        ({"manufacturer": "Acme <X-ray>"}, 60, 64, 110, 130),
        ({"manufacturer": "Borealis"}, 26, 33, 44, 66),
        ({"manufacturer": "several values"}, 2, 3, 1, 4),
        ({"sex": "F", "age": ">=65"}, 30, 34, 25, 34),
        ({"sex": "M", "age": ">=65"}, 32, 36, 23, 34),
    ]
    for stratum, tp, positives, tn, negatives in cuts:
        for analysis in (ITD, EVALUABLE):
            sizes = {"n_units": positives + negatives, "n_patients": positives + negatives}
            both = {**sizes, "n_positive": positives, "n_negative": negatives}
            place = {"candidate": candidate, "analysis": analysis, "stratum": stratum}
            rows.append(share("sensitivity", tp, positives, **place, **both))
            rows.append(share("specificity", tn, negatives, **place, **both))
            if positives and negatives:
                rows.append(figure("auc", 0.9, 0.85, 0.94, n=min(positives, negatives), **place, **both))
            else:
                reason = {"not_estimable": "one_class", "method": None}
                rows.append(figure("auc", None, None, None, n=0, **place, **both, **reason))
    return rows


def other_tasks(candidate):
    """Grading, detection and beats, in small."""
    marked = {"candidate": candidate, "endpoint": "lesion", "scale": "share", "method": "patient-bootstrap-bca"}
    detection = [
        figure("lesion_sensitivity", v, v - 0.08, v + 0.06, parameters={"at_false_positives_per_image": fp}, **marked)
        for fp, v in ((0.125, 0.61), (0.5, 0.74), (1.0, 0.8))
    ]
    beats = [
        share(
            "qrs_sensitivity",
            2271,
            2273,
            candidate=candidate,
            endpoint="beats",
            n_patients=24,
            method="rao-scott-wilson-t",
        ),
        share(
            "veb_sensitivity", 9, 12, candidate=candidate, endpoint="beats", n_patients=3, method="rao-scott-wilson-t"
        ),
    ]
    return [
        *detection,
        figure("wafroc", 0.81, 0.74, 0.87, **{**marked, "scale": "agreement"}),
        figure(
            "kappa_quadratic", 0.78, 0.71, 0.85, candidate=candidate, endpoint="grade", method="fleiss-cohen-everitt"
        ),
        figure(
            "own_metric",
            12.345,
            10.1,
            14.2,
            scale="count",
            candidate=candidate,
            endpoint="grade",
            method="house method",
        ),
        *beats,
    ]


def results_of(candidate, *, shift=0):
    """All results of one candidate as keyword arguments of Results."""
    return {
        "flow": [
            flow(
                "positive",
                candidate=candidate,
                eligible=104,
                answered=95,
                indeterminate=2,
                failed=2,
                abstained=1,
                excluded={"outside the period": 4},
            ),
            flow(
                "negative",
                candidate=candidate,
                eligible=206,
                answered=187,
                indeterminate=4,
                failed=4,
                abstained=2,
                not_sent=2,
                unreadable=1,
                excluded={"outside the period": 6},
            ),
            flow("indeterminate", candidate=candidate, eligible=3, answered=3),
            *(
                flow(
                    str(grade),
                    candidate=candidate,
                    endpoint="grade",
                    unit="eye",
                    eligible=n,
                    answered=n - 1,
                    abstained=1,
                )
                for grade, n in enumerate((60, 20, 15, 5, 2))
            ),
        ],
        "estimates": [*estimates_of(candidate, shift=shift), *other_tasks(candidate)],
        "acceptance": [
            rule("specificity", 155, 200, 0.70, "met", "interval_above", candidate=candidate, metric="specificity"),
            rule("sensitivity", 88 - shift, 100, 0.85, "inconclusive", "interval_contains_limit", candidate=candidate),
            rule("high", 60, 100, 0.95, "not_met", "interval_below", candidate=candidate),
            rule(
                "by-sex",
                45,
                50,
                0.75,
                "met",
                "interval_above",
                candidate=candidate,
                stratum={"sex": "F"},
                confidence=0.975,
            ),
            rule("by-age", 5, 7, 0.75, "inconclusive", "too_few", candidate=candidate, stratum={"age": "[18, 40)"}),
        ],
        "heterogeneity": [
            HeterogeneityRow(
                candidate=candidate,
                endpoint="exam",
                metric="sensitivity",
                analysis=ITD,
                field="sex",
                method="cochran-q",
                q=0.38,
                degrees_of_freedom=1,
                p=0.5376,
                p_holm=0.5376,
                i_squared=0.0,
                levels=["F", "M"],
            ),
            HeterogeneityRow(
                candidate=candidate,
                endpoint="exam",
                metric="sensitivity",
                analysis=ITD,
                field="manufacturer",
                method="cochran-q",
                q=12.1,
                degrees_of_freedom=1,
                p=0.0005,
                p_holm=0.001,
                i_squared=0.917,
                levels=["Acme <X-ray>", "Borealis"],
            ),
            HeterogeneityRow(
                candidate=candidate,
                endpoint="exam",
                metric="auc",
                analysis=ITD,
                field="age",
                levels=[">=65"],
                not_estimable="fewer_than_two_strata",
            ),
        ],
        "tables": [
            TableRow(
                candidate=candidate,
                endpoint="exam",
                name="confusion",
                rows=["positive", "negative"],
                columns=["positive", "negative", *STATUSES_WORST_LAST],
                counts=[[88 - shift, 7 + shift, 0, 0, 2, 1, 0, 2], [35, 152, 2, 1, 4, 2, 0, 4]],
            ),
            TableRow(
                candidate=candidate,
                endpoint="grade",
                name="grades",
                rows=["0", "1", "2"],
                columns=["0", "1", "2"],
                counts=[[50, 9, 1], [3, 15, 2], [0, 2, 13]],
            ),
            TableRow(
                candidate=candidate,
                endpoint="beats",
                name="ec57_beats",
                rows=["N", "V"],
                columns=["n", "v", "o"],
                counts=[[2240, 3, 2], [3, 9, 0]],
            ),
            TableRow(
                candidate=candidate,
                endpoint="beats",
                name="ec57_beats",
                case_id="r100",
                rows=["N", "V"],
                columns=["n", "v", "o"],
                counts=[[2240, 3, 2], [3, 9, 0]],
            ),
            *(
                TableRow(
                    candidate=candidate,
                    endpoint="beats",
                    name=name,
                    case_id=case_id,
                    rows=["qrs_sensitivity", "veb_sensitivity", "veb_positive_predictivity", "rr_interval_error"],
                    columns=["numerator", "denominator"],
                    counts=counts,
                )
                for name, case_id, counts in (
                    ("ec57_lines", None, [[2271, 2273], [9, 12], [9, 12], [7.5, 1]]),
                    ("ec57_average", None, [[1.99824, 2], [0.75, 1], [0.75, 1], [15, 2]]),
                    ("ec57_lines", "r100", [[1135, 1137], [9, 12], [9, 12], [9.5, 1]]),
                    ("ec57_lines", "r101", [[1136, 1136], [0, 0], [0, 0], [5.5, 1]]),
                )
            ),
        ],
        "figures": pictures(candidate),
        "figures_left_out": {f"{candidate}/size": 2},
        "curves": [
            CurveRow(
                candidate=candidate,
                endpoint="exam",
                name="roc",
                x=[0, 0.05, 0.1, 0.225, 0.4, 0.7, 1],
                y=[0, 0.5, 0.72, 0.88, 0.94, 0.99, 1],
                thresholds=[None, 0.9, 0.7, 0.5, 0.3, 0.1, 0.0],
            ),
            CurveRow(
                candidate=candidate,
                endpoint="lesion",
                name="froc",
                x=[0, 0.1, 0.25, 0.5, 1, 2.5],
                y=[0.3, 0.58, 0.68, 0.74, 0.8, 0.84],
            ),
        ],
        "errors": [
            ErrorRowPart(
                candidate=candidate,
                endpoint="exam",
                unit_id=f"e{n:03d}",
                kind=kind,
                reference=reference,
                answer=answer,
                score=score,
                reason=reason,
            )
            for n, kind, reference, answer, score, reason in (
                (7, "false_negative", "positive", "negative", 0.31, ""),
                (11, "false_positive", "negative", "positive", 0.87, ""),
                (12, "unanswered", "positive", "failed", None, "time-out after 60 s"),
            )
        ],
        "errors_left_out": {f"{candidate}/exam": 39},
    }


def times(n, *values, total=None):
    """Smallest, lower quartile, median, its two limits, upper quartile, 95th percentile, largest; n alone without."""
    names = ("smallest", "lower_quartile", "median", "low", "high", "upper_quartile", "p95", "largest")
    return Spread(n=n, total=total, **dict(zip(names, values, strict=False)))


def a_timing(candidate=A, **more):
    """A device of 0.4 s a case, asked by two processes, with a time-out and sizes on both sides of 4 megapixels."""
    small = TimingClassRow(
        kind="image_size",
        level="1_to_4_megapixels",
        n_warm_up=2,
        n_not_timed=0,
        seconds_per_case=times(591, 0.3, 0.37, 0.41, 0.4, 0.42, 0.47, 0.93, 1.9, total=242.3),
        cpu_seconds_per_case=times(591, 0.29, 0.36, 0.4, 0.39, 0.41, 0.46, 0.9, 1.84, total=236.4),
        peak_memory_mb=times(593, 301.0, 420.0, 455.0, None, None, 470.0, 498.0, 512.0),
    )
    few = {"seconds_per_case": Spread(n=4), "cpu_seconds_per_case": Spread(n=4), "peak_memory_mb": Spread(n=4)}
    facts = {
        "candidate": candidate,
        "load_seconds": times(3, 1.2, 1.22, 1.24, None, None, 1.4, None, 1.56, total=4.0),
        "warm_up_seconds": times(2, 2.1, 2.15, 2.2, None, None, 2.25, None, 2.3, total=4.4),
        "seconds_per_case": times(595, 0.3, 0.37, 0.41, 0.4, 0.42, 0.47, 0.93, 3.1, total=253.0),
        "cpu_seconds_per_case": times(595, 0.29, 0.36, 0.4, 0.39, 0.41, 0.46, 0.9, 3.02, total=247.0),
        "peak_memory_mb": times(597, 301.0, 420.0, 455.0, None, None, 470.0, 498.0, 512.0),
        "not_timed": {"failed": 3},
        "failed_attempts": {"ended": 2, "timed_out": 2},
        "by_class": [
            small,
            TimingClassRow(kind="image_size", level="4_to_16_megapixels", n_warm_up=0, n_not_timed=3, **few),
        ],
        "n_asked": 590,
        "n_kept": 10,
        "wall_seconds": 312.4,
        "cases_per_hour": 6799.0,
        "workers": 2,
        "threads": 1,
        "confidence": 0.95,
    }
    return TimingRow.model_validate({**facts, **more})


def a_record(*, card=None, banners=("not_locked",), devices=None, **results):
    """A whole record of two candidates. ``card`` and ``results`` replace single parts."""
    found = {}
    for candidate, shift in ((A, 0), (B, 21)):
        for name, value in results_of(candidate, shift=shift).items():
            found[name] = (
                {**found.get(name, {}), **value} if isinstance(value, dict) else [*found.get(name, []), *value]
            )
    whole = Results(**{**found, "banners": list(banners), **results})
    devices = devices or {A: device(), B: {}}
    return Record(
        run_id="2026-11-21-wrist-demo-1a2b",
        protocol=ProtocolPart(
            id="wrist-demo",
            sha256="aa" * 32,
            content=content(),
            locked_at="2026-11-20T09:30:00+00:00",
            locked_before_answers=True,
        ),
        reference_set=ReferenceSetPart(
            id="wrist-demo",
            version="1.0.0",
            sha256="bb" * 32,
            locked=True,
            card={**CARD, **(card or {})},
            patients_known=True,
            n_cases=600,
            n_exams=313,
            n_patients=300,
            composition=composition(),
            exclusions={"outside the period": 10},
            agreement=agreement(),
        ),
        candidates=[
            CandidatePart(
                id=A,
                role="device",
                adapter="python",
                sha256="cc" * 32,
                device=devices[A],
                operating_points={"fracture": {"score_at_least": 0.5, "doubt_from": 0.3, "source": "IFU p. 14"}},
                files={"candidate.py": "dd" * 32},
            ),
            CandidatePart(
                id=B,
                role="device",
                adapter="predictions",
                sha256="ee" * 32,
                device=devices[B],
                operating_points={"fracture": {"score_at_least": 0.4321, "doubt_from": None, "source": ""}},
            ),
        ],
        results=whole,
        results_sha256="ff" * 32,
        observed=Observed(
            started="2026-11-21T08:00:00+00:00",
            finished="2026-11-21T08:12:30+00:00",
            operator="imaging department",
            machine={"system": "Linux", "cpu": "2 cores", "memory_mb": 8192},
            isolation={A: ["tier-0", "own_process", "network_not_blocked"]},
            timing=[a_timing()],
            attempts=[{"candidate": A, "case_id": "c012", "attempt": 2}],
            n_repeated={A: 1},
            decoders=["1.2.840.10008.1.2.4.90 pylibjpeg-openjpeg 2.6.0"],
            look_number=3,
            software={"dmn-bench": "0.1.0", "numpy": "2.4.6"},
        ),
    )
