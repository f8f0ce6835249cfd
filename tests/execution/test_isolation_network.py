"""Hosts that a protocol grants, and nobody else: through the relay of tier 2, by the ports of tier 1."""

import socket
import threading
from threading import Event

import pytest

from dmn_bench.execution import relay
from dmn_bench.execution.isolation import MOST_TIER, machine
from dmn_bench.execution.isolation_order import Means, words_for
from dmn_bench.execution.launcher import ExecutionSettings, isolation_in_force
from dmn_bench.execution.worker import Child
from dmn_bench.hookspecs import ChildProgram
from dmn_bench.vocabulary import Request

from .kit import stop_serving

CLIENT = """
import socket


class Client:
    def __init__(self, options):
        pass

    def answer(self, request):
        host, port, size = request["request_id"].split("|")
        try:
            with socket.create_connection((host, int(port)), timeout=30) as line:
                line.sendall(b"x" * int(size))
                line.shutdown(socket.SHUT_WR)
                back = 0
                while piece := line.recv(1 << 16):
                    back += len(piece)
                return back
        except OSError as error:
            return str(error)


class Server(Client):
    def answer(self, request):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", int(request["request_id"])))
            listener.listen()
            listener.settimeout(60)
            with listener.accept()[0] as line:
                return line.recv(100).decode()
"""


@pytest.fixture
def echo():
    """A server of this machine that sends back what it gets; its port and the number of callers."""
    listener = socket.socket(socket.AF_INET)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    callers = []

    def serve():
        while True:
            try:
                line, caller = listener.accept()
            except OSError:
                return
            callers.append(caller)
            threading.Thread(target=send_back, args=(line,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1], callers
    stop_serving(listener, thread)


def send_back(line):
    with line:
        while piece := line.recv(1 << 16):
            line.sendall(piece)


@pytest.fixture
def asked(tmp_path):
    """Ask a client under a tier; every child is closed at the end."""
    children = []
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "client.py").write_text(CLIENT)
    (tmp_path / "scratch").mkdir()

    def start(*, network=(), **fields):
        program = ChildProgram(
            **{"entry": "client:Client", "import_paths": (tmp_path / "package",), "options": {}, **fields}
        )
        settings = ExecutionSettings(seconds_per_case=120, network=tuple(network))
        children.append(Child(program, settings, folder=tmp_path / "scratch", stop=Event()))
        children[-1].load()
        return lambda word: children[-1].ask(Request(request_id=word)).answer

    yield start
    for child in children:
        child.close()


def needs(tier):
    if machine().tier < tier:
        pytest.skip(f"this machine has no tier {tier}: {machine().why_not.get(tier, 'its parts are missing')}")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_granted_host_is_reached_from_a_network_of_its_own_and_no_other_port_is(host, echo, asked):
    needs(2)
    port, callers = echo
    ask = asked(hosts=(f"{host}:{port}",), network=(f"{host}:{port}",))
    assert ask(f"{host}|{port}|3000000") == 3_000_000
    assert ask(f"{host}|{port}|0") == 0
    assert len(callers) == 2
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert "refused" in ask(f"127.0.0.1|{other.getsockname()[1]}|1")
    assert "unreachable" in ask(f"192.0.2.1|{port}|1")


def test_a_host_with_an_address_of_its_own_has_it_inside_too(asked):
    """Nobody answers there: the connection is made inside, and closed when the relay cannot reach the host."""
    needs(2)
    own = own_address()
    listener = socket.socket()
    listener.bind((own, 0))
    listener.listen()
    port = listener.getsockname()[1]

    def once():
        line, _ = listener.accept()
        send_back(line)

    threading.Thread(target=once, daemon=True).start()
    with listener:
        ask = asked(hosts=(f"{own}:{port}",), network=(f"{own}:{port}",))
        assert ask(f"{own}|{port}|5000") == 5000


def own_address():
    """An address of this machine that is not a loopback one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as finder:
        try:
            finder.connect(("192.0.2.1", 9))
            found = finder.getsockname()[0]
        except OSError:
            pytest.skip("this machine has no network")
    if found.startswith("127."):
        pytest.skip("this machine has no address but loopback ones")
    return found


def test_what_a_program_does_not_name_is_not_granted_to_it(echo, asked):
    needs(2)
    port, callers = echo
    ask = asked(network=(f"127.0.0.1:{port}",))
    assert "refused" in ask(f"127.0.0.1|{port}|1")
    assert callers == []


def test_what_the_protocol_does_not_grant_is_not_reached(echo, asked):
    needs(2)
    port, callers = echo
    ask = asked(hosts=(f"127.0.0.1:{port}",))
    assert "refused" in ask(f"127.0.0.1|{port}|1")
    assert callers == []


def test_tier_1_grants_ports_and_says_so(echo, asked, monkeypatch):
    needs(1)
    monkeypatch.setenv(MOST_TIER, "1")
    port, _ = echo
    place = f"127.0.0.1:{port}"
    ask = asked(hosts=(place,), network=(place,))
    assert ask(f"127.0.0.1|{port}|1000") == 1000
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert "denied" in ask(f"127.0.0.1|{other.getsockname()[1]}|1")
    program = ChildProgram(entry="client:Client", import_paths=(), options={}, hosts=(place,))
    words = isolation_in_force(program, ExecutionSettings(network=(place,)))
    assert "network_ports_granted" in words
    assert "network_hosts_granted" not in words


def test_a_program_that_listens_takes_connections_at_its_port_alone(asked):
    needs(1)
    with socket.socket() as kept:  # bound until the end: nobody else is given this port, nor a call that begins at it
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        port = kept.getsockname()[1]
        ask = asked(entry="client:Server", listens=(port,), where="elsewhere")
        over = Event()

        def call():
            while not over.wait(0.05):
                try:
                    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
                        line.sendall(b"from outside")
                        return
                except OSError:
                    continue

        caller = threading.Thread(target=call)
        caller.start()
        try:
            assert ask(str(port)) == "from outside"
        finally:
            over.set()
            caller.join()


@pytest.mark.parametrize(
    ("means", "fields", "expected"),
    [
        (Means(tier=2, landlock_abi=7), {}, "network_blocked"),
        (Means(tier=2, landlock_abi=7), {"hosts": ("a:1",)}, "network_hosts_granted"),
        (Means(tier=1, landlock_abi=7), {"hosts": ("a:1",)}, "network_ports_granted"),
        (Means(tier=1, landlock_abi=3), {"hosts": ("a:1",)}, "network_not_blocked"),
        (Means(tier=1, landlock_abi=3), {}, "network_blocked"),
        (Means(tier=0), {}, "network_not_blocked"),
    ],
)
def test_words_of_the_network_never_promise_more_than_is_applied(means, fields, expected):
    program = ChildProgram(entry="a:B", import_paths=(), options={}, **fields)
    words = words_for(program, means, network=("a:1",))
    assert [word for word in words if word.startswith("network")] == [expected]


def test_two_names_have_two_addresses_and_one_name_has_one():
    found = relay.addresses_inside([*(f"host{n}.example:443" for n in range(600)), "host1.example:80"])
    assert len(set(found.values())) == len(found) == 600
    assert all(socket.inet_aton(address) for address in found.values())


@pytest.mark.parametrize(
    "wrong", ["pacs.example", "pacs.example:", ":104", "pacs.example:0", "pacs.example:70000", "a:b"]
)
def test_what_is_no_place_is_refused(wrong):
    with pytest.raises(ValueError, match="host:port"):
        relay.split(wrong)


def test_small_ports_can_be_granted_to_an_ordinary_user_too(tmp_path):
    """Who is not root inside would lose what it takes to listen there."""
    from dmn_bench.execution.isolation_files import files_for
    from dmn_bench.execution.isolation_namespaces import command, data_files

    program = ChildProgram(entry="a:B", import_paths=(), options={}, hosts=("pacs.example:104",))
    (tmp_path / "child").mkdir()
    files = files_for(program, tmp_path / "child")
    words = command("/usr/bin/bwrap", program, files, program.hosts)
    assert words[words.index("--uid") + 1] == "0"
    assert "candidate:x:0:0:" in data_files(program.hosts, tmp_path)["/etc/passwd"]
    assert "--uid" not in command("/usr/bin/bwrap", program, files, ())
