"""Repeats: adding, removing, counting, nesting."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest

from casebook.errors import AnswerInvalid, TooManyInstances
from casebook.forms import Session
from casebook.forms.growth import MOST_BY_HAND
from tests.casebook.forms.authoring import YES_NO, begin, fill, form

CHILDREN = """
| type          | name  | label | calculation      | relevant     | default |
| begin repeat  | child | 孩子  |                  |              |         |
| text          | name  | 姓名  |                  |              |         |
| integer       | age   | 年龄  |                  |              |         |
| calculate     | no    |       | position(..)     |              |         |
| select_one yn | there | 在学  |                  | ${age} >= 6  |         |
| end repeat    |       |       |                  |              |         |
| calculate     | count |       | count(${child})  |              |         |
| calculate     | sum   |       | sum(${age})      |              |         |
| calculate     | names |       | join('、', ${name}) |           |         |
| calculate     | out   |       | count(${child}[./there = 'no']) |  |     |
| calculate     | second |      | indexed-repeat(${name}, ${child}, 2) | | |
"""


def family() -> Session:
    session = fill(CHILDREN, YES_NO)
    session.set("/data/child[1]/name", "甲")
    session.set("/data/child[1]/age", "7")
    session.add_repeat("/data/child")
    session.set("/data/child[2]/name", "乙")
    session.set("/data/child[2]/age", "3")
    return session


def test_each_instance_has_its_own_answers_and_rules() -> None:
    session = family()
    assert session.question("/data/child[1]/there").relevant
    assert not session.question("/data/child[2]/there").relevant
    session.set("/data/child[1]/there", "no")
    got = [session.value(f"/data/{name}") for name in ("count", "sum", "names", "out", "second")]
    assert got == ["2", "10", "甲、乙", "1", "乙"]


def test_a_page_of_a_repeat_numbers_its_instances() -> None:
    session = family()
    (page,) = session.pages()
    assert page.title == "孩子"
    assert [(q.kind, q.label) for q in session.questions(page.ref)] == [
        ("heading", "孩子（1）"), ("text", "姓名"), ("integer", "年龄"), ("select_one", "在学"),
        ("heading", "孩子（2）"), ("text", "姓名"), ("integer", "年龄"),
    ]  # fmt: skip


def test_an_instance_is_added_in_between_and_removed_with_its_times() -> None:
    session = family()
    changes = session.add_repeat("/data/child", 2)
    assert changes.repeats == {"/data/child"} and "/data/count" in changes.values
    session.set("/data/child[2]/name", "丙")
    assert (session.value("/data/names"), session.value("/data/child[3]/no")) == ("甲、丙、乙", "3")
    changes = session.remove_repeat("/data/child", 1)
    assert changes.repeats == {"/data/child"}
    assert (session.value("/data/names"), session.value("/data/child[1]/no")) == ("丙、乙", "1")
    session.remove_repeat("/data/child", 1)
    session.remove_repeat("/data/child", 1)
    assert (session.value("/data/count"), session.value("/data/names"), session.answered) == ("0", "", {})


def test_times_move_with_their_instances() -> None:
    session = family()
    session.remove_repeat("/data/child", 1)
    assert set(session.answered) == {"/data/child[1]/name", "/data/child[1]/age"}


@pytest.mark.parametrize(("ref", "place"), [("/data/child", 3), ("/data/child", 0), ("/data/count", 1), ("/data/none/x", 1)])
def test_removing_what_is_not_there_is_refused(ref: str, place: int) -> None:
    with pytest.raises(AnswerInvalid):
        family().remove_repeat(ref, place)


COUNTED = """
| type         | name | repeat_count | calculation | default |
| integer      | n    |              |             | 2       |
| begin repeat | w    | ${n}         |             |         |
| text         | name |              |             |         |
| text         | id   |              |             | uuid()  |
| begin repeat | deep | position(..) |             |         |
| text         | x    |              |             |         |
| end repeat   |      |              |             |         |
| end repeat   |      |              |             |         |
| calculate    | all  |              | count(${deep}) |      |
"""


def test_a_counted_repeat_follows_its_count_and_cannot_be_changed_by_hand() -> None:
    session = fill(COUNTED)
    assert session.to_xml().count("<w>") == 2
    session.set("/data/n", "3")
    assert session.to_xml().count("<w>") == 3
    session.set("/data/w[2]/name", "乙")
    session.set("/data/n", "2")
    assert (session.to_xml().count("<w>"), session.value("/data/w[2]/name")) == (2, "乙")
    for change in (lambda: session.add_repeat("/data/w"), lambda: session.remove_repeat("/data/w", 1)):
        with pytest.raises(AnswerInvalid):
            change()


def test_defaults_of_a_new_instance_are_its_own() -> None:
    session = fill(COUNTED)
    assert session.value("/data/w[1]/id") != session.value("/data/w[2]/id") != ""


def test_a_mad_count_does_not_fill_the_phone() -> None:
    session = begin(form("| type | name | repeat_count |\n| integer | n | |\n| begin repeat | w | ${n} |\n| text | x | |\n| end repeat | | |"))
    session.set("/data/n", "999999999")
    assert session.to_xml().count("<w>") == 500


def test_nested_repeats_keep_to_themselves() -> None:
    survey = """
    | type         | name  | calculation       |
    | begin repeat | house |                   |
    | begin repeat | child |                   |
    | integer      | age   |                   |
    | end repeat   |       |                   |
    | calculate    | total | sum(${age})       |
    | end repeat   |       |                   |
    | calculate    | all   | sum(${age})       |
    """
    session = fill(survey)
    session.add_repeat("/data/house")
    assert session.value("/data/house[2]/total") == "0"
    session.add_repeat("/data/house[2]/child")
    session.add_repeat("/data/house[2]/child")
    session.set("/data/house[1]/child[1]/age", "5")
    session.set("/data/house[2]/child[1]/age", "7")
    session.set("/data/house[2]/child[2]/age", "1")
    assert [session.value(ref) for ref in ("/data/house[1]/total", "/data/house[2]/total", "/data/all")] == ["5", "8", "13"]
    again = begin(session.form, draft=session.draft())
    assert again.to_xml() == session.to_xml()


HOUSES = """
| type         | name  | label | relevant   | repeat_count |
| text         | any   | 有没有 |            |              |
| begin repeat | house | 房子  | ${any} = '有' |           |
| text         | place | 在哪  |            |              |
| begin repeat | child | 孩子  |            |              |
| text         | name  | 姓名  |            |              |
| end repeat   |       |       |            |              |
| end repeat   |       |       |            |              |
| text         | last  | 最后  |            |              |
"""


def growing(session: Session, page: int = 1) -> list[tuple[str, str, int, int]]:
    found = session.repeats(session.pages()[page].ref)
    return [(repeat.ref, repeat.label, repeat.count, repeat.at) for repeat in found]


def test_a_page_says_where_which_repeats_may_be_lengthened() -> None:
    session = fill(HOUSES)
    assert growing(session) == []
    session.set("/data/any", "有")
    assert growing(session) == [("/data/house[1]/child", "孩子", 1, 4), ("/data/house", "房子", 1, 4)]
    session.add_repeat("/data/house")
    session.add_repeat("/data/house[1]/child")
    assert growing(session) == [
        ("/data/house[1]/child", "孩子", 2, 6), ("/data/house[2]/child", "孩子", 0, 8), ("/data/house", "房子", 2, 8)]  # fmt: skip


def test_a_page_whose_repeat_is_empty_stays_so_that_one_can_be_added() -> None:
    session = fill(HOUSES)
    session.set("/data/any", "有")
    session.remove_repeat("/data/house", 1)
    assert growing(session) == [("/data/house", "房子", 0, 0)] and session.pages()[1].relevant
    changes = session.set("/data/any", "没有")
    assert changes.repeats == {"/data/house"} and growing(session) == [] and not session.pages()[1].relevant
    again = fill(HOUSES, draft=session.draft())
    again.set("/data/any", "有")
    assert growing(again) == [("/data/house", "房子", 0, 0)]


def test_a_counted_repeat_may_not_be_lengthened_by_hand() -> None:
    assert growing(fill(COUNTED), 0) == []


def test_there_is_an_end_to_adding() -> None:
    session = family()
    for _ in range(MOST_BY_HAND - 2):
        session.add_repeat("/data/child")
    with pytest.raises(TooManyInstances):
        session.add_repeat("/data/child")
    assert session.value("/data/count") == "200"


def test_an_instance_holds_answers_once_a_person_has_given_one() -> None:
    session = fill(CHILDREN, YES_NO)
    assert not session.holds_answers("/data/child", 1)
    session.set("/data/child[1]/age", "7")
    session.set("/data/child[1]/there", "no")
    session.set("/data/child[1]/age", "")
    assert session.holds_answers("/data/child", 1), "an answer that is hidden now is kept all the same"
    with pytest.raises(AnswerInvalid):
        session.holds_answers("/data/child", 2)


SKIPPED = """
| type         | name | relevant                |
| integer      | skip |                         |
| begin repeat | r    | position(.) != ${skip}  |
| text         | a    |                         |
| begin repeat | s    | position(..) != ${skip} |
| image        | p    |                         |
| end repeat   |      |                         |
| end repeat   |      |                         |
"""


def test_what_stands_behind_a_hidden_instance_is_named_as_it_is_sent() -> None:
    session = fill(SKIPPED)
    for ref in ("/data/r", "/data/r", "/data/r[2]/s", "/data/r[3]/s", "/data/r[3]/s"):
        session.add_repeat(ref)
    for place in (1, 2, 3):
        session.set(f"/data/r[{place}]/s[1]/p", f"{place}.jpg")
    session.set("/data/skip", "2")
    refs = [f"/data/r[{place}]/s[1]/p" for place in (1, 2, 3)]
    assert [session.sent_ref(ref) for ref in refs] == ["/data/r[1]/s[1]/p", None, "/data/r[2]/s[1]/p"]
    assert (session.sent_ref("/data/r[3]/s[2]/p"), session.sent_ref("/data/skip")) == ("/data/r[2]/s[2]/p", "/data/skip")
    sent = fromstring(session.to_xml())
    assert [sent.findtext(ref.removeprefix("/data/")) for ref in ("/data/r[1]/s[1]/p", "/data/r[2]/s[1]/p", "/data/r[3]/s[1]/p")] == ["1.jpg", "3.jpg", None]


def test_the_first_instance_that_a_count_brings_back_has_its_inner_instances_again() -> None:
    survey = """
    | type         | name | repeat_count |
    | integer      | n    |              |
    | begin repeat | r    | ${n}         |
    | begin repeat | s    |              |
    | text         | b    |              |
    | end repeat   |      |              |
    | end repeat   |      |              |"""
    session = fill(survey)
    assert session.has("/data/r[1]/s[1]/b")
    session.set("/data/n", "0")
    assert not session.has("/data/r[1]")
    session.set("/data/n", "2")
    assert session.has("/data/r[1]/s[1]/b") and session.has("/data/r[2]") and not session.has("/data/r[2]/s[1]")
