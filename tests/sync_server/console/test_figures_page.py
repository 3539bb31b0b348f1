"""The figures page: heads beside every percentage, names only for those who may see them."""

from __future__ import annotations

import pytest

from casebook import feeds
from sync_server.registry import SchoolClass
from sync_server.roster import register
from sync_server.roster.figures import Figures
from sync_server.rulebook import default_rows, publish
from sync_server.store import accounts
from sync_server.store.accounts import Account
from sync_server.store.register import Authorship
from tests.sync_server.console.campus import CLASSES, LIHUA, PEOPLE, SCHOOL, WANG, Campus
from tests.sync_server.roster.sheets import child

TERM = "2025-2026-1"


@pytest.fixture
def counted(campus: Campus) -> Campus:
    """The campus with its two classes in the register and their base figures frozen."""
    rooms = [SchoolClass(id, name, grade, "junior", PEOPLE[login][0]) for id, (name, grade, login) in CLASSES.items()]
    pupils = [child(WANG, class_id="class82", id_no="", student_no=""),
              child(LIHUA, name="李花", class_id="class71", id_no="", student_no="")]  # fmt: skip
    by = Authorship(PEOPLE["registrar"][0], campus.wiring.now(), "hand")
    campus.wiring.store.run_tx(lambda conn: register.write(conn, SCHOOL, [*rooms, *pupils], by))
    with campus.wiring.store.read() as conn:
        account = accounts.by_login(conn, SCHOOL, "registrar")
    assert account is not None
    Figures(campus.wiring.store, SCHOOL, campus.wiring.clock).freeze(account, TERM, ["class82", "class71"])
    return campus


def test_the_page_shows_heads_beside_every_percentage_and_the_target(counted: Campus) -> None:
    page = counted.browser("office").text("/figures")
    assert "年初人数 2" in page
    assert "0人 / 2人 = 0.00%" in page
    assert "不超过1.5%，最多0人 达到" in page
    assert "2人 / 2人 = 100.00%" in page
    assert "还没有核定年初人数" not in page


def test_the_month_says_on_what_a_zero_report_rests(counted: Campus) -> None:
    counted.browser("teacher82").send_form("/attendance/class82", day="2025-11-21", session="am")
    page = counted.browser("office").text("/figures")
    assert "2025年11月" in page
    assert "上课15天" in page
    assert "1 / 30 = 3.33%" in page
    assert "本月没有新确认的辍学" in page


def test_the_same_day_rate_and_its_names(counted: Campus) -> None:
    counted.absence(WANG, "2025-11-20")
    page = counted.browser("office").text("/figures")
    assert "0 / 1 = 0.00%" in page
    assert "王小明" in page[page.index("没有当日家访的") :]


def test_the_director_sees_the_own_classes_and_no_name_of_another_grade(counted: Campus) -> None:
    counted.absence(LIHUA, "2025-11-20")
    page = counted.browser("director8").text("/figures")
    assert "八年级(2)班" in page
    assert "七年级(1)班" not in page
    assert "李花" not in page


def test_a_member_of_the_leading_group_sees_numbers_and_no_names(counted: Campus) -> None:
    counted.absence(WANG, "2025-11-20")
    leader = Account("9" * 32, SCHOOL, "leader", "包片", ("leading_group",))
    counted.wiring.store.run_tx(lambda conn: accounts.add(conn, leader, "", counted.wiring.now()))
    PEOPLE_AND = {**PEOPLE, "leader": (leader.id, leader.name, "leading_group", ())}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.sync_server.console.campus.PEOPLE", PEOPLE_AND)
        page = counted.browser("leader").text("/figures")
    assert "另有1人不在您的职责范围内" in page
    assert "王小明" not in page


def test_the_assessment_of_classes_is_off_until_a_row_switches_it_on_and_only_for_the_principal(counted: Campus) -> None:
    assert "一票否决" not in counted.browser("principal").text("/figures")
    row = {"key": "class_assessment", "value": True, "unit": "switch", "clause": "R50", "scope": f"school:{SCHOOL}",
           "effective_from": "2025-09-01", "source": "x"}  # fmt: skip
    rows = [*default_rows(), row]
    counted.wiring.store.run_tx(lambda conn: publish(conn, SCHOOL, rows, counted.wiring.now()))
    assert "不低于98%，至少1人 达到" in counted.browser("principal").text("/figures")
    assert "不低于98%" not in counted.browser("office").text("/figures")


def test_a_past_cut_off_counts_as_it_was_then(counted: Campus) -> None:
    counted.absence(WANG, "2025-11-20")
    page = counted.browser("office").text(f"/figures?term={TERM}&cutoff=2025-11-19&month=2025-10")
    assert "11月19日" in page
    assert "2025年10月" in page
    assert "王小明" not in page
    assert "11月21日" in counted.browser("office").text("/figures?cutoff=2099-01-01")


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_who_may_see_the_figures(counted: Campus, login: str) -> None:
    sees = {"principal", "deputy", "office", "registrar", "moral", "director8"}
    assert counted.browser(login).get("/figures").status_code == (200 if login in sees else 403)


def test_without_a_calendar_the_page_says_so(campus: Campus) -> None:
    campus.sql("DELETE FROM feed_row WHERE feed = :f", f=feeds.CALENDAR)
    assert "还没有校历" in campus.browser("office").text("/figures")
