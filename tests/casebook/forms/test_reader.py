"""Reading forms: what a form says is found again, and what is no form, or a dangerous one, is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.errors import FormBroken
from casebook.forms import FormDef
from casebook.forms.xmlinput import MAX_FORM_BYTES
from tests.casebook.forms.authoring import LETTERS, begin, compiled, fill, form

PLAIN = compiled("| type | name |\n| text | a |")
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>"""


def reason(xml: bytes) -> object:
    with pytest.raises(FormBroken) as caught:
        FormDef.from_xml(xml)
    return caught.value.facts["reason"]


def test_the_form_knows_its_name_and_languages() -> None:
    definition = form("| type | name | label::中文 (zh) | label::English (en) |\n| text | a | 甲 | A |",
                      form_id="visit", version="2026112101", default_language="中文 (zh)")  # fmt: skip
    assert (definition.form_id, definition.version, definition.title) == ("visit", "2026112101", "测试")
    assert definition.languages == ("中文 (zh)", "English (en)")
    assert definition.default_language == "中文 (zh)"


@pytest.mark.parametrize(("wanted", "found"), [
    ("English (en)", "English (en)"), ("en", "English (en)"), ("en_GB", "English (en)"), ("zh_CN", "中文 (zh)"), ("fr", "中文 (zh)"), (None, "中文 (zh)"),
])  # fmt: skip
def test_a_language_is_found_by_name_or_code(wanted: str | None, found: str) -> None:
    definition = form("| type | name | label::中文 (zh) | label::English (en) |\n| text | a | 甲 | A |", default_language="中文 (zh)")
    assert definition.language_like(wanted) == found


@pytest.mark.parametrize("xml", [BOMB, b"<!DOCTYPE html>" + PLAIN.split(b"?>", 1)[1], BOMB.replace(b"&b;", b"")])
def test_document_types_and_entities_are_refused(xml: bytes) -> None:
    assert reason(xml) == "document_type"


def test_an_outside_entity_is_never_opened() -> None:
    xml = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><x>&f;</x>'
    assert reason(xml) == "document_type"


def test_a_giant_is_refused_before_it_is_read() -> None:
    assert reason(b" " * (MAX_FORM_BYTES + 1)) == "too_large"


@pytest.mark.parametrize("xml", [b"", b"plain text", b"<a><b></a>", b"\xff\xfe\x00", PLAIN[:-20], b"<?xml version='1.0' encoding='klingon'?><a/>"])
def test_what_is_no_xml_is_refused(xml: bytes) -> None:
    assert reason(xml) == "xml"


@pytest.mark.parametrize("part", [b"head", b"body", b"model"])
def test_a_form_without_its_parts_is_refused(part: bytes) -> None:
    renamed = re.sub(rb"(</?(?:h:)?)" + part, rb"\1other", PLAIN)
    assert reason(renamed) == "part_missing"


def test_an_instance_without_id_is_refused() -> None:
    assert reason(PLAIN.replace(b' id="test"', b"")) == "instance"


def test_deep_nesting_is_refused_not_crashed_on() -> None:
    deep = b"<g>" * 3000 + b"</g>" * 3000
    assert reason(PLAIN.replace(b"<a/>", b"<a/>" + deep)) == "nested"


def test_a_deeply_nested_list_is_refused_when_it_is_needed() -> None:
    deep = b"<instance id='l'>" + b"<g>" * 3000 + b"</g>" * 3000 + b"</instance>"
    definition = FormDef.from_xml(PLAIN.replace(b"</instance>", b"</instance>" + deep, 1))
    with pytest.raises(FormBroken):
        _ = definition.lists["l"].document


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_being_refused(noise: bytes) -> None:
    with pytest.raises(FormBroken):
        FormDef.from_xml(noise)


@given(st.integers(0, len(PLAIN) - 1), st.binary(min_size=1, max_size=2))
def test_a_damaged_form_reads_or_is_refused(place: int, damage: bytes) -> None:
    try:
        definition = FormDef.from_xml(PLAIN[:place] + damage + PLAIN[place + 1 :])
        begin(definition)
    except FormBroken:
        return


KINDS = """
| type                | name | appearance | parameters             | default | read_only | calculation |
| note                | n1   |            |                        |         |           |             |
| text                | t1   | multiline  |                        |         |           |             |
| text                | t2   |            |                        | x       | yes       |             |
| text                | t3   |            |                        |         | yes       | 1 + 1       |
| integer             | i    |            |                        |         |           |             |
| decimal             | d    |            |                        |         |           |             |
| date                | day  |            |                        |         |           |             |
| time                | at   |            |                        |         |           |             |
| dateTime            | both |            |                        |         |           |             |
| select_one abc      | s1   | quick      |                        |         |           |             |
| select_multiple abc | sm   |            |                        |         |           |             |
| rank abc            | rk   |            |                        |         |           |             |
| acknowledge         | ack  |            |                        |         |           |             |
| image               | pic  |            | max-pixels=1600        |         |           |             |
| image               | sig  | signature  |                        |         |           |             |
| audio               | snd  |            |                        |         |           |             |
| file                | doc  |            |                        |         |           |             |
| geopoint            | gps  |            | capture-accuracy=20    |         |           |             |
| range               | rng  |            | start=0 end=10 step=1  |         |           |             |
| barcode             | bar  |            |                        |         |           |             |
"""


def test_every_type_of_question_is_asked_in_its_way() -> None:
    session = fill(KINDS, LETTERS)
    found = {q.ref.rsplit("/", 1)[-1]: q for q in session.questions(session.pages()[0].ref)}
    assert {name: question.kind for name, question in found.items()} == {
        "n1": "note", "t1": "text", "t2": "text", "t3": "text", "i": "integer", "d": "decimal", "day": "date", "at": "time",
        "both": "datetime", "s1": "select_one", "sm": "select_multiple", "rk": "rank", "ack": "acknowledge", "pic": "image",
        "sig": "signature", "snd": "audio", "doc": "file", "gps": "geopoint", "rng": "range", "bar": "barcode",
    }  # fmt: skip
    assert found["t1"].appearance == ("multiline",)
    assert found["pic"].parameters["max-pixels"] == "1600"
    assert found["rng"].parameters == {"start": "0", "end": "10", "step": "1"}
    assert (found["t3"].value, found["t3"].readonly, found["t2"].readonly) == ("2", True, True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp037", "latin-1"])
@pytest.mark.parametrize("declared", ["", '<?xml version="1.0" encoding="{}"?>', '<?xml version="1.0"?>', "<?xml version='1.0' encoding='utf-8'?>\n", "<!-- c -->"])
def test_a_document_type_is_found_however_it_is_written(encoding: str, declared: str) -> None:
    text = declared.format(encoding) + '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY a "aaaa">]><x>&a;&f;</x>'
    with pytest.raises(FormBroken) as caught:
        FormDef.from_xml(text.encode(encoding))
    assert caught.value.facts["reason"] in ("document_type", "xml")
