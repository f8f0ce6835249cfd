"""The noise stress test: what has no value says why, and files that cannot be stressed say so."""

from dmn_bench.record import NoiseRow
from dmn_bench.reporting.sections.noise_stress import NoiseStressSection
from dmn_bench.reporting.view import view_for
from dmn_bench.vocabulary import Grid, Paragraph

from .records import A, a_record

SAID = {"kinds": ["muscle"], "snr_db": [6], "clean_seconds": 300, "noise_seconds": 120, "pause_seconds": 120}


def blocks(rows, noise=SAID):
    record = a_record()
    content = {**record.protocol.content, "noise_stress": noise}
    protocol = record.protocol.model_copy(update={"content": content})
    results = record.results.model_copy(update={"noise_stress": rows})
    record = record.model_copy(update={"protocol": protocol, "results": results})
    return NoiseStressSection().blocks(view_for(record, A), A, "en")


def a_row(metric, kind, value, reason=None):
    return NoiseRow(
        candidate=A, endpoint="beats", metric=metric, kind=kind, snr_db=6.0 if kind else None, scale="share",
        better="higher", value=value, not_estimable=reason, own_n=2, n_cases=2, n_patients=2, n_unanswered=0,
    )  # fmt: skip


def both(metric, value, reason=None):
    return [a_row(metric, kind, value, reason) for kind in ("", "muscle")]


def test_a_metric_without_any_value_is_a_line_with_its_reason_and_no_table_of_dashes():
    rows = both("qrs_sensitivity", 0.9) + both("average_qrs_sensitivity", None, "too_few")
    grids = [block for block in blocks(rows) if isinstance(block, Grid)]
    assert [grid.caption for grid in grids] == ["QRS sensitivity", "Measures without a value in this test"]
    assert [reason for _, reason in grids[1].rows] == ["Insufficient sample (n = 2): no conclusion"]
    assert not any(set(row[1:]) == {"–"} for grid in grids for row in grid.rows)


def test_output_files_under_a_protocol_with_noise_say_that_they_were_not_stressed():
    said = [block.text for block in blocks([]) if isinstance(block, Paragraph)]
    assert said == [
        "Not done: output files are judged, and what wrote them cannot be asked about recordings with noise."
    ]


def test_a_protocol_without_noise_has_no_such_section():
    assert blocks([], {"kinds": []}) == ()
