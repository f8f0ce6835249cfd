from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.harness import RunOptions, Shard


@given(st.lists(st.integers()), st.integers(1, 12))
def test_the_parts_hold_every_case_once_and_are_of_equal_size(items, n):
    indexed = list(enumerate(items))
    parts = [Shard(k, n).of(indexed) for k in range(1, n + 1)]
    assert sorted(item for part in parts for item in part) == indexed
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_answers_lie_beside_a_run_and_within_a_part(tmp_path):
    run = tmp_path / "runs" / "one"
    assert RunOptions(run_dir=run).answers_folder == tmp_path / "runs" / "answers"
    assert RunOptions(run_dir=run, shard=Shard(1, 2)).answers_folder == run / "answers"
    assert RunOptions(run_dir=run, shard=Shard(1, 2), answers_dir=Path("a")).answers_folder == Path("a")
