"""Pictures of the errors of a real detector on MIT-BIH records: as many as bxb counts, where the two files differ."""

import numpy as np
import pytest

from dmn_bench.inputs.wfdb_record import read_annotations
from dmn_bench.pictures import paper
from tests.shared_data import shared_data

from .running import built, protocol_of, run

CELLS = {
    "beats_missed": lambda rows: rows[:5, 5:].sum(),
    "beats_extra": lambda rows: rows[5:].sum(),
    "veb_missed": lambda rows: rows[2].sum() - rows[2, 2],
    "veb_false": lambda rows: rows[[0, 1, 5, 6], 2].sum(),
    "sveb_missed": lambda rows: rows[1].sum() - rows[1, 1],
    "sveb_false": lambda rows: rows[[0, 2, 3, 5, 6], 1].sum(),
}


@pytest.mark.slow
def test_pictures_show_the_records_with_the_most_errors_that_bxb_counts(tmp_path):
    source, wfdb = shared_data("ecg/mitdb"), shared_data("ecg/oracle/wfdb")
    built("mitdb", source, tmp_path / "set")
    protocol = protocol_of("mitdb", source, tmp_path / "set")
    options = {"folder": str(wfdb / "annotators"), "annotator": "lda"}
    devices = [{"id": "lda", "adapter": "wfdb-annotations", "options": options}]
    record = run({**protocol, "candidates": devices, "strata": [], "acceptance": []}, tmp_path)
    tables = {
        row["case_id"]: np.array(row["counts"])
        for row in record["results"]["tables"]
        if row["name"] == "ec57_beats" and row["case_id"]
    }
    figures = record["results"]["figures"]
    for kind, counted in CELLS.items():
        errors = [one["error"] for one in figures if one["error"]["kind"] == kind]
        by_record = sorted((counted(rows) for rows in tables.values()), reverse=True)
        assert [one["in_case"] for one in errors] == by_record[: len(errors)] == by_record[:3], kind
        assert all(counted(tables[one["case_id"]]) == one["in_case"] for one in errors), kind
        assert all(one["start_s"] > 295 for one in errors), "errors of the learning period are not counted"
    missed = next(one["error"] for one in figures if one["error"]["kind"] == "beats_missed")
    lda = read_annotations(wfdb / "annotators" / missed["case_id"], "lda")
    atr = read_annotations(source / missed["case_id"], "atr")
    near = [np.abs(np.asarray(side.samples) / 360 - missed["start_s"] - 5) < 5 for side in (atr, lda)]
    assert near[0].sum() - near[1].sum() >= missed["here"] - 1
    for one in figures:
        svg = (tmp_path / "out-mitdb" / one["path"]).read_text(encoding="utf-8")
        assert paper.is_drawing(svg)
        assert len(svg) < 100_000
