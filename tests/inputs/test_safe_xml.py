import pytest

from dmn_bench.errors import InputFileError
from dmn_bench.inputs import safe_xml
from dmn_bench.inputs.safe_xml import read_xml, root_name, text_at, value_at

from .vendor_ecg_factories import written

LAUGHS = "".join(f"<!ENTITY l{k} '" + f"&l{k - 1};" * 10 + "'>" for k in range(1, 12))


def refusal(path):
    with pytest.raises(InputFileError) as caught:
        read_xml(path)
    return caught.value.problems[0].key


def test_names_come_without_prefix_and_text_as_written(tmp_path):
    path = written(
        tmp_path / "a.xml", '<v:a xmlns:v="u" v:type="p" type="q"><v:b> 1 &lt; 2 </v:b><c value=" x "/></v:a>'
    )
    root = read_xml(path)
    assert (root.tag, root.get("type")) == ("a", "q")
    assert (text_at(root, "nothing", "b"), value_at(root, "c"), value_at(root, "d")) == ("1 < 2", "x", "")
    assert root_name(path) == "a"


def test_encodings_are_those_the_file_states(tmp_path):
    for encoding in ("utf-8", "latin-1", "utf-16", "windows-1252"):
        text = f'<?xml version="1.0" encoding="{encoding}"?><a>é</a>'
        path = written(tmp_path / encoding, text, encoding)
        assert read_xml(path).text == "é"
        assert root_name(path) == "a"


def test_a_document_type_that_only_names_a_dtd_is_passed_over(tmp_path):
    path = written(tmp_path / "a.xml", '<!DOCTYPE a SYSTEM "file:///etc/hostname"><a>1</a>')
    assert read_xml(path).text == "1"


@pytest.mark.parametrize(
    "text",
    [
        f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><a>&l11;</a>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]><a/>',
        "<!DOCTYPE a [<!ELEMENT a ANY>]><a/>",
        "<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]><a/>",
        '<!DOCTYPE a SYSTEM "b.dtd"><a>&unknown;</a>',  # skipped in silence by a parser that is not asked
        "<!DOCTYPE a []><a/>",
    ],
)
def test_declarations_and_entities_are_refused(tmp_path, text):
    path = written(tmp_path / "a.xml", text)
    assert refusal(path) == "inputs.xml_forbidden"
    assert root_name(path) == "a"  # so that the reader of such files says what is wrong with this one


@pytest.mark.parametrize(
    "text",
    [
        "<a>" * 200 + "</a>" * 200,
        f'<a b="{"x" * 70_000}"/>',
        "<a " + " ".join(f"b{k}='1'" for k in range(70)) + "/>",
    ],
)
def test_what_is_too_deep_or_too_much_is_refused(tmp_path, text):
    assert refusal(written(tmp_path / "a.xml", text)) == "inputs.xml_excessive"


def test_too_many_elements_and_too_many_bytes_are_refused(tmp_path, monkeypatch):
    path = written(tmp_path / "a.xml", "<a>" + "<b/>" * 50 + "</a>")
    monkeypatch.setattr(safe_xml, "MOST_ELEMENTS", 50)
    assert refusal(path) == "inputs.xml_excessive"
    monkeypatch.setattr(safe_xml, "MOST_BYTES", 100)
    assert refusal(path) == "inputs.too_large"


@pytest.mark.parametrize(
    "text", ["", "no xml", "<a>", "<a></b>", "<a>&nothing;</a>", "<a/><b/>", "<?xml version='1'?>"]
)
def test_what_is_not_well_formed_is_damaged(tmp_path, text):
    assert refusal(written(tmp_path / "a.xml", text)) == "inputs.xml_damaged"


def test_an_encoding_that_is_none_is_damaged(tmp_path):
    path = written(tmp_path / "a.xml", '<?xml version="1.0" encoding="zlib"?><a/>')
    assert refusal(path) == "inputs.xml_damaged"
    assert root_name(path) == ""
    assert root_name(tmp_path) == ""
