"""Fetching public files, against a small server of our own: right, wrong, cut short, missing, continued."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from .running import RECIPES, recipe

fetch = recipe("fetch")
CONTENT = bytes(range(256)) * 1000


class Server(ThreadingHTTPServer):
    """Serves ``files``; ``cut``: names of which only half is sent; notes every request."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {"/a.dat": CONTENT, "/b.dat": b"second"}
        self.cut = set()
        self.keeps_ranges = True
        self.asked = []

    def address(self, name):
        return f"http://127.0.0.1:{self.server_port}{name}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = self.headers.get("Range")
        self.server.asked.append((self.path, asked))
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.server.keeps_ranges else 0
        if start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = len(content) // 2 if self.path in self.server.cut else len(content)
        self.wfile.write(content[start:end])

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    found = Server()
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


def a_file(server, name="/a.dat", content=CONTENT, path="deep/a.dat", **changes):
    known = {"sha256": hashlib.sha256(content).hexdigest(), "n_bytes": len(content), **changes}
    return fetch.PublicFile(address=server.address(name), path=path, **known)


def test_a_file_is_fetched_verified_and_not_fetched_twice(server, tmp_path):
    assert fetch.fetch(a_file(server), tmp_path) == "fetched"
    assert (tmp_path / "deep" / "a.dat").read_bytes() == CONTENT
    assert fetch.fetch(a_file(server), tmp_path) == "there"
    assert len(server.asked) == 1
    assert list(tmp_path.rglob("*.part")) == []


def test_a_file_with_another_content_gets_no_name_and_both_hashes_are_told(server, tmp_path):
    wanted = a_file(server, content=b"something else", n_bytes=None)
    with pytest.raises(fetch.FetchError) as told:
        fetch.fetch(wanted, tmp_path)
    assert wanted.sha256 in str(told.value)
    assert hashlib.sha256(CONTENT).hexdigest() in str(told.value)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_that_was_changed_here_is_not_overwritten(server, tmp_path):
    fetch.fetch(a_file(server), tmp_path)
    (tmp_path / "deep" / "a.dat").write_bytes(b"edited")
    with pytest.raises(fetch.FetchError, match="Move the file away"):
        fetch.fetch(a_file(server), tmp_path)
    assert (tmp_path / "deep" / "a.dat").read_bytes() == b"edited"


def test_what_came_of_a_file_that_was_cut_short_is_continued_the_next_time(server, tmp_path):
    server.cut.add("/a.dat")
    with pytest.raises(fetch.FetchError, match="were announced"):
        fetch.fetch(a_file(server), tmp_path)
    assert not (tmp_path / "deep" / "a.dat").exists()
    assert (tmp_path / "deep" / "a.dat.part").stat().st_size == len(CONTENT) // 2
    server.cut.clear()
    assert fetch.fetch(a_file(server), tmp_path) == "fetched"
    assert server.asked[-1] == ("/a.dat", f"bytes={len(CONTENT) // 2}-")
    assert (tmp_path / "deep" / "a.dat").read_bytes() == CONTENT


def test_a_server_that_sends_all_again_is_understood(server, tmp_path):
    server.keeps_ranges = False
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.dat.part").write_bytes(CONTENT[:1000])
    assert fetch.fetch(a_file(server), tmp_path) == "fetched"
    assert (tmp_path / "deep" / "a.dat").read_bytes() == CONTENT


@pytest.mark.parametrize("held", [b"not the beginning", CONTENT + b"too long", b"x" * len(CONTENT)])
def test_a_beginning_of_something_else_is_thrown_away(server, tmp_path, held):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.dat.part").write_bytes(held)
    assert fetch.fetch(a_file(server), tmp_path) == "fetched"
    assert (tmp_path / "deep" / "a.dat").read_bytes() == CONTENT


def test_a_part_beyond_the_end_of_a_file_of_unknown_size_is_thrown_away(server, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.dat.part").write_bytes(CONTENT * 2)
    assert fetch.fetch(a_file(server, n_bytes=None), tmp_path) == "fetched"


def test_every_file_that_cannot_be_had_is_told_and_the_others_are_fetched(server, tmp_path):
    missing = a_file(server, "/gone.dat", path="gone.dat")
    by_hand = fetch.PublicFile(address="", sha256="0" * 64, n_bytes=None, path="asked.zip")
    unknown = a_file(server, "/b.dat", path="b.dat", sha256="", n_bytes=None)
    wrong = a_file(server, content=b"?", path="wrong.dat", n_bytes=None)
    said = []
    problems = fetch.fetch_all(
        [missing, by_hand, unknown, wrong, a_file(server)], tmp_path, unverified=False, say=said.append
    )
    assert len(problems) == 4
    assert "404" in problems[0]
    assert "public-sets.md" in problems[1]
    assert "--unverified" in problems[2]
    assert "thrown away" in problems[3]
    assert (tmp_path / "deep" / "a.dat").read_bytes() == CONTENT
    assert said[-1] == "[5/5] deep/a.dat: fetched"


def test_a_file_of_unknown_hash_comes_on_demand_and_its_hash_is_told(server, tmp_path):
    file = a_file(server, "/b.dat", path="b.dat", sha256="", n_bytes=None)
    digest = hashlib.sha256(b"second").hexdigest()
    assert fetch.fetch(file, tmp_path, unverified=True) == f"fetched, sha256 {digest}, not verified"


def test_a_server_that_is_not_there_is_told(tmp_path):
    nobody = fetch.PublicFile(address="http://127.0.0.1:9/a", sha256="0" * 64, n_bytes=None, path="a")
    with pytest.raises(fetch.FetchError, match="Try again"):
        fetch.fetch(nobody, tmp_path)


@pytest.mark.parametrize(
    "row",
    [
        "ftp://host/a," + "0" * 64 + ",1,a",
        "https://host/a," + "0" * 63 + ",1,a",
        "https://host/a," + "0" * 64 + ",-1,a",
        "https://host/a," + "0" * 64 + ",1,../a",
        "https://host/a," + "0" * 64 + ",1,/a",
        "https://host/a," + "0" * 64 + ",1,",
        ",,1,a",
    ],
)
def test_a_list_with_an_unsound_row_is_refused(tmp_path, row):
    (tmp_path / "x.files.csv").write_text(f"address,sha256,bytes,path\n{row}\n", encoding="utf-8")
    with pytest.raises(fetch.FetchError, match=r"x\.files\.csv:2"):
        fetch.read_list(tmp_path / "x.files.csv")


def test_the_command_ends_with_2_and_words_the_problem(server, tmp_path, monkeypatch, capsys):
    (tmp_path / "lists").mkdir()
    for name, sha256 in (("good", hashlib.sha256(b"second").hexdigest()), ("bad", "0" * 64)):
        text = f"address,sha256,bytes,path\n{server.address('/b.dat')},{sha256},6,b.dat\n"
        (tmp_path / "lists" / f"{name}.files.csv").write_text(text, encoding="utf-8")
    monkeypatch.setattr(fetch, "HERE", tmp_path / "lists")
    assert fetch.main(["good", str(tmp_path / "one")]) == 0
    assert capsys.readouterr().out == "[1/1] b.dat: fetched\n"
    assert fetch.main(["bad", str(tmp_path / "two")]) == 2
    assert "is expected" in capsys.readouterr().err


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.files.csv")), ids=lambda path: path.name)
def test_every_list_is_sound_names_each_place_once_and_pins_what_it_addresses(path):
    files = fetch.read_list(path)
    assert len({file.path for file in files}) == len(files)
    for file in files:
        assert file.address == "" or file.address.startswith("https://")
        if "githubusercontent" in file.address:
            assert len(file.address.split("/")[5]) == 40  # a commit, never a branch
