"""The steps of a case in the console: every exit with its evidence, refused with everything that is missing (9.4 f)."""

from __future__ import annotations

import pytest

from casebook.kinds.act import ACTS
from casebook.rules.states import MOVES, PERSON
from sync_server.access import TABLE, Subject
from sync_server.escalation import VERB_OF_ACT, role_for, roles_of
from sync_server.store import accounts
from tests.sync_server.console.campus import LIHUA, PEOPLE, SCHOOL, WANG, Campus
from tests.sync_server.console.campus import words as text_of
from tests.sync_server.console.casework import OFF_TO_WORK, Casework, issue, options

STEPS = {
    "principal": {"opened", "declared_leaving", "confirmed", "letter", "ineffective", "reported", "external",
                  "return_confirmed", "closed", "refuted", "police_report"},
    "deputy": set(),
    "office": {"opened", "declared_leaving", "marked", "proposed", "letter", "reported", "external",
               "return_confirmed", "police_report"},
    "registrar": {"marked", "notice_issued", "served", "letter", "reported", "external", "return_confirmed",
                  "struck_off", "closing", "roll_moved", "refuted"},
    "moral": {"declared_leaving", "letter", "return_confirmed", "police_report"},
    "director8": {"opened", "declared_leaving", "proposed", "letter", "reported", "returned", "return_confirmed",
                  "police_report"},
    "teacher82": {"opened", "declared_leaving", "letter", "returned", "police_report"},
    "teacher71": set(), "fellow": set(), "duty": set(),
}  # fmt: skip


@pytest.fixture
def work(campus: Campus) -> Casework:
    return Casework(campus)


def test_the_table_of_access_and_the_table_of_states_name_the_same_roles() -> None:
    assert set(VERB_OF_ACT) == set(ACTS)
    for act, verb in VERB_OF_ACT.items():
        holders = {role for role, verbs in TABLE.items() if verb in verbs}
        several = [other for other, asked in VERB_OF_ACT.items() if asked is verb]
        assert holders == frozenset().union(*(roles_of(other) for other in several)), act
        assert all(roles_of(other) == roles_of(act) for other in several), act
    assert {move.event for move in MOVES if move.by == PERSON} == set(VERB_OF_ACT)


def test_each_role_may_write_exactly_its_steps(campus: Campus) -> None:
    with campus.wiring.store.read() as conn:
        people = {login: accounts.by_login(conn, SCHOOL, login) for login in PEOPLE}
    own = Subject(WANG, "class82")
    may = {login: {act for act in ACTS if person and role_for(person, act, own)} for login, person in people.items()}
    assert may == STEPS


@pytest.mark.parametrize("login", ["teacher82", "registrar"])
def test_the_forms_of_others_are_closed(work: Casework, login: str) -> None:
    work.suspected()
    browser = work.campus.browser(login)
    opened = {act for act in ACTS if browser.get(f"/cases/{WANG}/steps/{act}").status_code == 200}
    assert opened == STEPS[login]
    for act in ("confirmed", "closed", "proposed"):
        assert browser.send_form(f"/cases/{WANG}/steps/{act}").status_code == 403


def test_from_the_third_day_to_struck_off(work: Casework) -> None:
    work.noticed()
    assert work.life().state == "C4"
    work.at("2025-11-15 09:00").done("registrar", "letter", village="新寨村村民委员会", receiver="赵主任", on="2025-11-15")
    work.counted("17", "18", "19", "20", "21")
    work.at("2025-11-24 09:00").done("principal", "ineffective", because="期限已过，家长没有送回")
    assert work.life().state == "C5"
    work.done("office", "reported", variant="RC", no="控辍报〔2025〕1号", addressees="乡镇人民政府\r\n县教育体育局",
              on="2025-11-24", way="handed_over", proof="乡镇办公室章", text="劝返无效")  # fmt: skip
    work.done("office", "external", document="N4", no="石政责〔2025〕3号", issuer="石桥镇人民政府", on="2025-11-24")
    work.counted("25", absent=False)
    work.at("2025-11-25 08:30").done("teacher82", "returned", on="2025-11-25")
    page = work.form("director8", "return_confirmed")
    work.done("director8", "return_confirmed", returned=options(page, "returned")[0])
    assert (work.life().state, work.life().episode.returned_on.isoformat()) == ("C6", "2025-11-25")  # type: ignore[union-attr]
    work.visit("2025-11-27 10:00", "followup", mode="school", in_class="yes")
    work.done("office", "reported", variant="RD", no="控辍报〔2025〕2号", addressees="县教育体育局", on="2025-11-27",
              way="platform", proof="上报系统回执 881", text="已复学")  # fmt: skip
    work.done("registrar", "struck_off", no="销2025-7", on="2025-11-27")
    assert work.life().state == "C7"
    told = work.campus.browser("principal").text(f"/cases/{WANG}")
    assert "已销号" in told
    for words in ("R32", "R34", "R36", "县里销号", "上报 · 贾主任 RC 控辍报〔2025〕1号", "登记政府文书 · 贾主任 N4"):
        assert words in told
    steps = [subject for act, subject in work.campus.audit() if act == "case_step"]
    assert steps == [f"case:{WANG}"] * len(steps)
    assert len(steps) == 12


def test_a_confirmation_says_everything_that_is_missing(work: Casework) -> None:
    work.counted("06", "07", "10", "11", "12")
    work.at("2025-11-12 15:00")
    missing = work.refused("principal", "confirmed")
    assert len(missing) == 6
    for words in ("选至少一次家访", "请先上门", "离校的原因", "孩子的去向", "标注日期", "另一位负责人"):
        assert any(words in one for one in missing), words
    assert work.life().state == "C2"


def test_nobody_confirms_what_rests_on_a_visit_that_he_made(work: Casework) -> None:
    work.suspected()
    own = work.visit("2025-11-12 16:00", "persuade", login="principal", **OFF_TO_WORK)
    work.done("registrar", "marked", mark="suspected", on="2025-11-12")
    page = work.form("principal", "confirmed")
    assert own not in options(page, "basis")
    assert "您自己走访的" in page
    assert any("选至少一次家访" in one for one in work.refused("principal", "confirmed", basis=own))
    work.done("principal", "confirmed", basis=options(page, "basis"))
    assert work.life().state == "C3"


def test_no_notice_before_the_confirmation_and_each_number_once(work: Casework) -> None:
    work.suspected()
    assert "现在的状态不能办这一步" in work.refused("registrar", "notice_issued", variant="N1", no="劝学〔2025〕1号",
                                        addressee="覃翊木", on="2025-11-12", text="请返校")[0]  # fmt: skip


def test_a_number_is_given_once_in_a_year_whoever_it_is_for(work: Casework) -> None:
    work.confirmed().at("2025-11-13 10:00")
    filled = issue(work.form("registrar", "notice_issued"))
    assert filled["no"] == "劝学〔2025〕1号"
    work.done("registrar", "notice_issued", variant="N1", **filled)
    again = issue(work.form("registrar", "notice_issued"))
    assert again["no"] == "劝学〔2025〕2号"
    missing = work.refused("registrar", "notice_issued", variant="N1", **{**again, "no": "劝学 〔2025〕1号"})
    assert missing == ["文号劝学〔2025〕1号在2025年已经用过，请换一个。"]


def test_served_by_post_counts_from_the_day_on_the_slip(work: Casework) -> None:
    work.confirmed().at("2025-11-13 10:00")
    assert "请选方式。" in work.refused("registrar", "served", no="劝学〔2025〕1号", on="2025-11-13")
    filled = issue(work.form("registrar", "notice_issued"))
    work.done("registrar", "notice_issued", variant="N1", **filled)
    work.done("registrar", "served", no=filled["no"], way="post", on="2025-11-13")
    assert work.life().state == "C3"
    assert "缺邮局回执" in work.campus.browser("registrar").text(f"/cases/{WANG}")
    work.at("2025-11-17 10:00")
    work.done("registrar", "served", no=filled["no"], way="post", on="2025-11-13", slip_on="2025-11-16")
    assert work.life().state == "C4"
    assert "限期返校 11月24日（周一）" in work.campus.browser("registrar").text(f"/cases/{WANG}")


def test_failure_is_not_declared_before_the_day_nor_without_the_letter(work: Casework) -> None:
    work.noticed()
    missing = work.refused("principal", "ineffective", because="不肯回来")
    assert [words for words in ("限期还没到", "户籍地村") if any(words in one for one in missing)] == ["限期还没到", "户籍地村"]
    assert work.refused("principal", "ineffective")[0] == "请写明理由。"


def test_the_return_is_confirmed_by_another_person_after_a_roll_call(work: Casework) -> None:
    work.suspected()
    assert "当天的点名里还没有看到孩子在校" in work.refused("teacher82", "returned", on="2025-11-12")[0]
    assert work.refused("director8", "return_confirmed") == ["请选要确认的返校记录。"]
    work.counted("13", absent=False)
    work.at("2025-11-13 08:10").done("director8", "returned", on="2025-11-13")
    returned = options(work.form("office", "return_confirmed"), "returned")[0]
    assert any("另一个人" in one for one in work.refused("director8", "return_confirmed", returned=returned))
    work.done("office", "return_confirmed", returned=returned)
    assert work.life().state == "C6"


def test_striking_off_wants_attendance_a_follow_up_and_the_report(work: Casework) -> None:
    work.suspected().counted("13", absent=False)
    work.at("2025-11-13 08:10").done("teacher82", "returned", on="2025-11-13")
    work.done("office", "return_confirmed", returned=options(work.form("office", "return_confirmed"), "returned")[0])
    missing = work.refused("registrar", "struck_off", no="销1", on="2025-11-13")
    assert [words for words in ("复学跟踪", "（RD）") if any(words in one for one in missing)] == ["复学跟踪", "（RD）"]


def test_a_report_of_return_says_nothing_of_where_a_child_may_be(work: Casework) -> None:
    work.counted("06", "07", "10")
    work.counted("11", absent=False)
    work.at("2025-11-11 08:10").done("teacher82", "returned", on="2025-11-11")
    office = work.campus.browser("office")
    told = {report: office.get(f"/cases/{WANG}/steps/reported?v={report}").text for report in ("RA", "RD")}
    assert ("去向：" in told["RA"], "去向：" in told["RD"], "返校上课" in told["RD"]) == (True, False, True)


def test_a_closing_needs_its_papers_and_the_principal(work: Casework) -> None:
    work.suspected()
    assert work.refused("registrar", "closing", variant="Z2", papers="certificate") == ["还缺证明材料：电话核实就读学校。"]
    assert work.refused("registrar", "closing", variant="Z2") == ["请列出证明材料。"]
    assert work.refused("principal", "closed") == ["请选要批准的销号申请。"]
    work.done("registrar", "closing", variant="Z2", papers=["certificate", "school_called"])
    work.done("principal", "closed", closing=options(work.form("principal", "closed"), "closing")[0])
    assert (work.life().state, work.life().on_watch) == ("C8", True)
    assert "Z2 外地就读" in work.campus.browser("registrar").text(f"/cases/{WANG}")
    work.done("registrar", "refuted", because="学校说没有这个学生")
    assert [step.state for step in work.life().story.steps][-2:] == ["C1", "C2"]  # the days away went on counting


def test_a_missing_child_is_never_closed_and_the_police_are_told(work: Casework) -> None:
    work.suspected()
    work.visit("2025-11-12 16:00", "persuade", **{**OFF_TO_WORK, "whereabouts": "D12"})
    missing = work.refused("registrar", "closing", variant="Z11", papers=["principal_statement", "county_consent"])
    assert missing == ["孩子下落不明，个案不能销号，请继续查找并报警。"]
    papers = {"variant": "Z11", "papers": ["principal_statement", "county_consent"]}
    assert "有 证明材料齐全 缺 不是下落不明" in text_of(work.step("registrar", "closing", **papers).text)
    assert "下落不明" in work.campus.browser("principal").text(f"/cases/{WANG}")
    work.done("teacher82", "police_report", no="石公受字2025第9号", on="2025-11-12")


def test_days_that_cannot_be_are_told_together(work: Casework) -> None:
    work.suspected()
    assert work.refused("registrar", "marked", mark="suspected", on="2026-01-09") == ["日期还没到，请填已经发生的日子。"]
    assert work.refused("registrar", "marked", mark="suspected", on="昨天")[0].startswith("日期不对：昨天")


def test_a_duty_leads_to_its_form_for_who_may_write_it(work: Casework) -> None:
    work.noticed()
    link = f'<a href="/cases/{WANG}/steps/letter"><strong>'
    assert link in work.campus.browser("registrar").get(f"/cases/{WANG}").text
    work.campus.browser("deputy").get(f"/cases/{WANG}")
    assert link not in work.campus.browser("deputy").get(f"/cases/{WANG}").text


def test_every_deadline_says_why_it_is_on_its_day(work: Casework) -> None:
    work.noticed()
    work.campus.wiring.numbers.look()
    page = work.campus.browser("principal").text(f"/cases/{WANG}")
    open_ones, kept = page[page.index("期限 ") :].split("已经办到的期限（8）")
    for words in ("限期返校 11月21日（周五） 未到", "11月14日（周五）之后第7天，是11月21日（周五）。", "条款 R32 · 来源 各地不同；默认按学校劝学书的7天，民法典的数法"):
        assert words in open_ones
    assert "三日立案 11月10日（周一） 按时" in kept
    assert "3199000001-2025-0001" in page


def test_an_act_that_came_too_early_is_shown_with_what_it_lacks(work: Casework) -> None:
    work.counted("06")
    body = {"act": "marked", "mark": "suspected", "on": "2025-11-06", "role": "academic_office", "name": "贾主任"}
    work.campus.office("act", WANG, body, {})
    page = work.campus.browser("office").text(f"/cases/{WANG}")
    assert "没有生效的办理" in page
    assert "现在的状态不能办这一步" in page[page.index("没有生效的办理") :]


def test_reasons_kept_for_few_are_left_out_of_the_voices(work: Casework) -> None:
    work.counted("06")
    work.visit("2025-11-06 16:20", "absence", **{**OFF_TO_WORK, "reasons_student": "TE1 LE2"})
    told = {login: work.campus.browser(login).text(f"/cases/{WANG}") for login in ("principal", "moral", "office", "director8")}
    assert {login: "体罚" in page for login, page in told.items()} == {
        "principal": True, "moral": True, "office": False, "director8": False,
    }  # fmt: skip
    assert all("学生说 厌学" in page for login, page in told.items() if login in ("office", "director8"))


def test_no_step_for_a_child_of_another_class_nor_of_an_unknown_kind(campus: Campus) -> None:
    browser = campus.browser("teacher82")
    assert browser.send_form(f"/cases/{LIHUA}/steps/opened", because="想打工").status_code == 403
    assert browser.get(f"/cases/{WANG}/steps/pardoned").status_code == 404
    assert browser.get("/cases/unknown/steps/opened").status_code == 404
