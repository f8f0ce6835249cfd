"""The noise stress test of a run: noise takes beats away, a second run gives the same, both languages show it."""

from pathlib import Path

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import ProtocolError
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.reporting.documents import write_reports

ROOT = Path(__file__).resolve().parents[2]
STRESS = (
    "{kinds: [electrode_motion], snr_db: [24, -6], cases: 3, clean_seconds: 20, noise_seconds: 30, pause_seconds: 10}"
)


def protocol(folder, stress=STRESS, task=None):
    text = (ROOT / "configs" / "ecg-demo.yaml").read_text(encoding="utf-8")
    text = text.replace("../", f"{ROOT}/")
    if task is not None:
        start, end = text.index("endpoints:"), text.index("primary:")
        text = text[:start] + task + text[end:]
        text = text[: text.index("acceptance:")] + text[text.index("execution:") :]
    path = folder / "noise.yaml"
    path.write_text(f"{text}noise_stress: {stress}\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("noise")
    options = RunOptions(run_dir=folder / "run", workers=1)
    record = evaluate(protocol(folder), options, catalogue=build_catalogue())
    return folder, record


def test_strong_noise_takes_beats_away_and_weak_noise_hardly_any(run):
    rows = {row.snr_db: row for row in run[1].results.noise_stress if row.metric == "qrs_sensitivity"}
    assert set(rows) == {None, 24.0, -6.0}
    assert rows[None].value - rows[24.0].value < 0.03
    assert rows[24.0].value - rows[-6.0].value > 0.1
    assert all(row.n_cases == 3 and row.low <= row.value <= row.high for row in rows.values())
    assert rows[None].kind == ""


def test_without_noise_the_figures_are_those_of_the_run_on_these_recordings(run):
    drawn = {row.own_n for row in run[1].results.noise_stress if row.metric == "qrs_sensitivity"}
    assert len(drawn) == 1  # the same beats of the reference at every ratio


def test_a_second_run_gives_the_same_rows(run):
    folder, record = run
    options = RunOptions(run_dir=folder / "again", workers=1)
    again = evaluate(folder / "noise.yaml", options, catalogue=build_catalogue())
    assert again.results.noise_stress == record.results.noise_stress


def test_the_report_shows_each_ratio_in_both_languages(run):
    folder, record = run
    sections = build_catalogue().make_all("report_section")
    write_reports(record, folder / "run", languages=("en", "fr"), sections=sections)
    english = (folder / "run" / "report.example-ecg.en.html").read_text(encoding="utf-8")
    french = (folder / "run" / "report.example-ecg.fr.html").read_text(encoding="utf-8")
    assert "Noise stress test" in english
    assert "Épreuve de bruit" in french
    for text in (english, french):
        assert "\u22126\u202fdB" in text


def test_noise_without_beats_is_refused_before_anybody_is_asked(tmp_path):
    task = "endpoints:\n  - {name: af, task: classification, finding: atrial_fibrillation, metrics: [failure_rate]}\n"
    options = RunOptions(run_dir=tmp_path / "run", workers=1)
    with pytest.raises(ProtocolError) as caught:
        evaluate(protocol(tmp_path, task=task), options, catalogue=build_catalogue())
    assert [problem.key for problem in caught.value.problems] == ["protocol.noise_without_beats"]
    assert not list((tmp_path / "run").glob("answers*"))
