"""Reading YAML strictly: nothing guessed, every fault with its place, no input that crashes."""

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from dmn_bench.errors import ProtocolError
from dmn_bench.files import read_yaml, validate
from dmn_bench.wordings import LANGUAGES, say_problem


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Inner(Strict):
    column: str | None = None
    edges: tuple[float, ...] = ()


class Outer(Strict):
    title: str
    sampling: Literal["random", "enriched"] = "random"
    strata: dict[str, Inner] = {}
    n: int = Field(1, ge=0)


def refused(call):
    with pytest.raises(ProtocolError) as caught:
        call()
    for problem in caught.value.problems:
        assert all(say_problem(problem, language) for language in LANGUAGES)
    return {(problem.where, problem.key) for problem in caught.value.problems}


def written(tmp_path, text):
    path = tmp_path / "p.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_texts_that_look_like_something_else_stay_as_written(tmp_path):
    data, _ = read_yaml(written(tmp_path, "a: NO\nb: 12:30\nc: 2026-01-31\nd: 010\n07: x\n"), ProtocolError)
    assert data == {"a": "NO", "b": "12:30", "c": "2026-01-31", "d": 10, "07": "x"}


def test_every_problem_of_a_file_is_told_at_its_place(tmp_path):
    text = "title: 1.10\nsampling: rnd\nstrata:\n  sex: {colum: sex}\n  age: {edges: [0, x]}\nn: -1\nsamplign: random\n"
    assert refused(lambda: validate(Outer, written(tmp_path, text), ProtocolError)) == {
        ("p.yaml:1:1", "files.expected_text"),
        ("p.yaml:2:1", "files.value_not_allowed"),
        ("p.yaml:4:9", "files.key_unknown_nearest"),
        ("p.yaml:5:20", "files.expected_number"),
        ("p.yaml:6:1", "files.must_be_at_least"),
        ("p.yaml:7:1", "files.key_unknown_nearest"),
    }


def test_the_nearest_known_key_is_that_of_the_same_level(tmp_path):
    with pytest.raises(ProtocolError) as caught:
        validate(Outer, written(tmp_path, "title: a\nstrata: {sex: {colum: sex}}\n"), ProtocolError)
    assert caught.value.problems[0].facts == {"found": "colum", "known": "column, edges", "nearest": "column"}


@pytest.mark.parametrize(
    ("text", "where", "key"),
    [
        ("", "p.yaml:1:1", "files.yaml_empty"),
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "p.yaml:4:3", "files.yaml_doubled_key"),
        ('1: a\n"1": b\n', "p.yaml:2:1", "files.yaml_doubled_key"),
        ("a: &x 1\n", "p.yaml:1:4", "files.yaml_alias"),
        ("a: *x\n", "p.yaml:1:4", "files.yaml_alias"),
        ("a: 1\n---\nb: 1\n", "p.yaml:2:1", "files.yaml_one_document"),
        ("%YAML 1.1\n---\na: NO\n", "p.yaml:2:1", "files.yaml_one_document"),
        ("a: !!python/object:os.system x\n", "p.yaml:1:4", "files.yaml_tag"),
        ("a: .nan\n", "p.yaml:1:4", "files.yaml_value"),
        ("a: 1e999\n", "p.yaml:1:4", "files.yaml_value"),
        (f"a: {'9' * 5000}\n", "p.yaml:1:4", "files.yaml_value"),
        ('a: "\\ud800"\n', "p.yaml:1:4", "files.yaml_value"),
        ("? [a, b]\n: 1\n", "p.yaml:1:3", "files.yaml_key"),
        ("a: " + "[" * 60 + "]" * 60, "p.yaml:1:53", "files.yaml_too_deep"),
        ("a: 'x\n", "p.yaml:1:4", "files.yaml_syntax"),
        (b"a: 1\nb: \xff\n", "p.yaml:2:4", "files.not_utf8"),
        (b"#" * (3 << 20), "p.yaml:1:1", "files.yaml_too_long"),
    ],
)
def test_what_would_have_to_be_guessed_is_refused(tmp_path, text, where, key):
    problems = refused(lambda: read_yaml(written(tmp_path, text), ProtocolError))
    assert key in {k for _, k in problems}
    if key != "files.yaml_syntax":
        assert (where, key) in problems


def test_a_billion_laughs_never_expand(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    assert {k for _, k in refused(lambda: read_yaml(written(tmp_path, "\n".join(lines)), ProtocolError))} == {
        "files.yaml_alias"
    }


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    assert refused(lambda: read_yaml(tmp_path / "none.yaml", ProtocolError)) == {
        (str(tmp_path / "none.yaml"), "files.cannot_read")
    }


@settings(deadline=None, max_examples=150)
@given(
    st.one_of(
        st.binary(max_size=200), st.text(alphabet="ab:-[]{}&*!%?|>'\"#\n\t 01.~é\\", max_size=120).map(str.encode)
    )
)
def test_no_content_gets_past_as_anything_but_data_or_a_located_error(tmp_path_factory, content):
    path = written(tmp_path_factory.mktemp("y"), content)
    try:
        validate(Outer, path, ProtocolError)
    except ProtocolError as error:
        for problem in error.problems:
            assert problem.where.startswith("p.yaml:")
            assert all(say_problem(problem, language) for language in LANGUAGES)
