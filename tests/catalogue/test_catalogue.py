import subprocess
import sys

import pytest

from dmn_bench import catalogue as catalogue_room
from dmn_bench.catalogue import build_catalogue, sources
from dmn_bench.errors import ExtensionError, ProtocolError
from dmn_bench.hookspecs import PART_KINDS
from dmn_bench.wordings import LANGUAGES, say_problem

from .factories import a_hook, a_metric, an_extension


def problems_of(*folders, error=ExtensionError):
    with pytest.raises(error) as caught:
        build_catalogue(extension_folders=folders).check_pending()
    for problem in caught.value.problems:
        for language in LANGUAGES:
            assert say_problem(problem, language)
    return {problem.key.partition(".")[2]: problem for problem in caught.value.problems}


def test_what_is_built_in_is_sound():
    build_catalogue().check_pending()


@pytest.mark.parametrize("kind", PART_KINDS)
def test_every_kind_has_built_in_parts_from_one_provider(kind):
    catalogue = build_catalogue()
    assert catalogue.names(kind) == tuple(sorted(catalogue.names(kind)))
    assert {catalogue.provider(kind, name).name for name in catalogue.names(kind)} == {"dmn-bench"}


def test_a_kind_is_imported_only_when_it_is_asked_for():
    script = (
        "import sys; from dmn_bench.catalogue import build_catalogue; c = build_catalogue();"
        "assert 'dmn_bench.metrics' not in sys.modules; c.names('metric');"
        "assert 'dmn_bench.metrics' in sys.modules; assert 'dmn_bench.inputs' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_part_is_made_from_its_options_and_its_provider_is_known(tmp_path):
    folder = an_extension(tmp_path / "ours", a_metric() + a_hook())
    catalogue = build_catalogue(extension_folders=[folder])
    assert type(catalogue.make("metric", "own_metric")).__name__ == "Own"
    provider = catalogue.provider("metric", "own_metric")
    assert (provider.name, provider.version) == ("our-metrics", "1.2")
    row = next(row for row in catalogue.describe() if row.name == "own_metric")
    assert row == ("metric", "own_metric", "our-metrics", "1.2", "A metric of our own.")


def test_extensions_are_found_right_below_a_folder_too(tmp_path):
    an_extension(tmp_path / "a", a_metric("one") + a_hook())
    an_extension(tmp_path / "b", a_metric("two") + a_hook())
    (tmp_path / "notes").mkdir()
    catalogue = build_catalogue(extension_folders=[tmp_path])
    assert {"one", "two"} <= set(catalogue.names("metric"))


def test_an_extension_in_a_src_folder_is_found(tmp_path):
    folder = an_extension(tmp_path / "ours", a_metric() + a_hook(), module="extension_in_src")
    (folder / "src").mkdir()
    (folder / "extension_in_src.py").rename(folder / "src" / "extension_in_src.py")
    assert "own_metric" in build_catalogue(extension_folders=[folder]).names("metric")


def test_an_unknown_name_is_answered_with_the_nearest_known_one():
    with pytest.raises(ProtocolError) as caught:
        build_catalogue().make("metric", "sensitivty")
    (problem,) = caught.value.problems
    assert problem.key == "catalogue.unknown_part_nearest"
    assert problem.facts["nearest"] == "sensitivity"
    assert "specificity" in problem.facts["known"]


def test_an_unknown_option_names_the_provider():
    with pytest.raises(ProtocolError) as caught:
        build_catalogue().make_at("p.yaml:4:2", "metric", "sensitivity", {"tolerance": 1})
    (problem,) = caught.value.problems
    assert (problem.where, problem.facts["provider"], problem.facts["option"]) == (
        "p.yaml:4:2",
        "dmn-bench",
        "tolerance",
    )


def test_an_unknown_hook_is_refused_with_the_nearest_known_one(tmp_path):
    folder = an_extension(tmp_path / "ours", a_metric() + a_hook(name="register_metric"))
    problem = problems_of(folder)["unknown_hook_nearest"]
    assert (problem.facts["nearest"], problem.facts["provider"]) == ("register_metrics", "our-metrics")


def test_a_hook_that_is_not_marked_is_refused(tmp_path):
    assert "unmarked_hook" in problems_of(an_extension(tmp_path / "ours", a_metric() + a_hook(mark="")))


def test_a_doubled_name_is_refused_and_both_providers_are_named(tmp_path):
    folder = an_extension(tmp_path / "ours", a_metric("sensitivity") + a_hook())
    problem = problems_of(folder)["doubled_part"]
    named = f"{problem.facts['first']} {problem.facts['second']}"
    assert "dmn-bench" in named
    assert "our-metrics" in named


def test_a_failed_import_is_refused_with_its_reason(tmp_path):
    problem = problems_of(an_extension(tmp_path / "ours", "import nowhere_to_be_found\n"))["import_failed"]
    assert "nowhere_to_be_found" in problem.facts["reason"]
    assert problem.facts["provider"] == "our-metrics"


def test_a_module_with_a_syntax_error_is_refused(tmp_path):
    assert "import_failed" in problems_of(an_extension(tmp_path / "ours", "def broken(:\n"))


def test_a_module_of_the_same_name_from_elsewhere_is_refused(tmp_path):
    folder = an_extension(tmp_path / "ours", a_metric() + a_hook(), module="json")
    assert "imported_elsewhere" in problems_of(folder)


@pytest.mark.parametrize(
    ("source", "key"),
    [
        (a_metric() + a_hook("(Own,)"), "hook_not_a_list"),
        (a_metric() + a_hook("1 / 0"), "hook_failed"),
        (a_metric() + a_hook("[Own()]"), "part_not_a_class"),
        (a_metric(name="") + a_hook(), "part_without_name"),
        (a_metric(name="Two words") + a_hook(), "part_without_name"),
        (a_metric(doc="") + a_hook(), "part_without_doc"),
        (a_metric().replace("def value", "def valeu") + a_hook(), "part_incomplete"),
        (a_metric().replace("better =", "best =") + a_hook(), "part_incomplete"),
        ("\n", "no_hooks"),
        (a_metric() + "\n@hookimpl\ndef register_metrics(own):\n    return [Own]\n", "hook_refused"),
    ],
)
def test_whatever_is_in_doubt_about_an_extension_is_refused(tmp_path, source, key):
    assert key in problems_of(an_extension(tmp_path / "ours", source))


def test_the_docstring_that_a_dataclass_gets_by_itself_says_nothing(tmp_path):
    source = "from dataclasses import dataclass\n@dataclass" + a_metric().replace('"""A metric of our own."""', "")
    assert "part_without_doc" in problems_of(an_extension(tmp_path / "ours", source + a_hook()))


def test_all_problems_of_all_extensions_are_told_together(tmp_path):
    first = an_extension(tmp_path / "a", a_metric() + a_hook(name="register_metrix"))
    second = an_extension(tmp_path / "b", "import nowhere_to_be_found\n")
    third = an_extension(tmp_path / "c", a_metric("sensitivity") + a_hook())
    assert set(problems_of(first, second, third)) >= {"unknown_hook_nearest", "import_failed", "doubled_part"}


def test_no_part_is_handed_out_while_an_extension_is_in_doubt(tmp_path):
    catalogue = build_catalogue(extension_folders=[an_extension(tmp_path / "a", "import nowhere_to_be_found\n")])
    with pytest.raises(ExtensionError):
        catalogue.make("metric", "sensitivity")


def test_a_folder_without_an_extension_is_refused(tmp_path):
    assert "no_extension" in problems_of(tmp_path)
    assert "no_extension" in problems_of(tmp_path / "missing")


def test_a_pyproject_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project\n", encoding="utf-8")
    assert "pyproject_unreadable" in problems_of(tmp_path)


def test_an_extension_that_is_given_twice_is_registered_once(tmp_path):
    folder = an_extension(tmp_path / "ours", a_metric() + a_hook())
    build_catalogue(extension_folders=[folder, tmp_path]).check_pending()


def test_two_catalogues_know_nothing_of_each_other(tmp_path):
    folder = an_extension(tmp_path / "ours", a_metric() + a_hook())
    assert "own_metric" in build_catalogue(extension_folders=[folder]).names("metric")
    assert "own_metric" not in build_catalogue().names("metric")


def test_an_unknown_kind_is_our_own_mistake():
    with pytest.raises(KeyError):
        build_catalogue().names("metrics")


def test_installed_extensions_are_listed_by_their_metadata_and_then_loaded(tmp_path, monkeypatch):
    folder = an_extension(tmp_path / "site", a_metric() + a_hook(), module="extension_installed")
    info = folder / "our_metrics-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: our-metrics\nVersion: 2.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[dmn_bench]\nmetrics = extension_installed\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    assert [found.provider.version for found in sources.installed_extensions()] == ["2.0"]
    assert "extension_installed" not in sys.modules
    assert build_catalogue().provider("metric", "own_metric").name == "our-metrics"


def test_the_room_shows_what_it_says_it_shows():
    assert all(hasattr(catalogue_room, name) for name in catalogue_room.__all__)
