"""The queue and the other lists: what burns first, whom it shows to whom, and nothing confidential in any of them."""

from __future__ import annotations

import re

import pytest

from tests.sync_server.console.campus import LIHUA, PEOPLE, REMARK, SYNCED, VISITED, WANG, Campus

CANARY = "金丝雀不可外泄"


def counts(campus: Campus, login: str) -> list[int]:
    """The four numbers of the first page: absences, waiting, returned, conflicts."""
    html = campus.browser(login).get("/").text
    return [int(number) for number in re.findall(r"<strong>(\d+)</strong>", html)]


def test_the_queue_puts_complete_visits_first_and_the_longest_waiting_on_top(campus: Campus) -> None:
    late = campus.receive(campus.visit(), at=SYNCED.replace(hour=22))
    noon = VISITED.replace(hour=12)
    underway = campus.receive(campus.visit(LIHUA, "teacher71", started=noon), at=SYNCED.replace(hour=18), files=1)
    early = campus.receive(campus.visit(LIHUA, "teacher71", started=VISITED.replace(hour=14)), at=SYNCED.replace(hour=20))
    html = campus.browser("principal").get("/").text
    assert re.findall(r'<td><a href="/visits/([0-9a-f]+)"', html) == [early, late, underway]
    assert "照片 1/3 在路上" in html
    assert "其中 1 份照片在路上" in html


def test_every_count_leads_to_its_list(campus: Campus) -> None:
    campus.absence(WANG)
    made = campus.visit(LIHUA, "teacher71")
    visit = campus.receive(made)
    fields = {"version": made.sealed.rid, "decision": "returned", "remark": REMARK}
    campus.browser("principal").send_form(f"/visits/{visit}/review", **fields)
    campus.receive(campus.visit(LIHUA, "teacher71", summary_points="hard"))
    browser = campus.browser("principal")
    assert counts(campus, "principal") == [1, 1, 1, 0]
    links = re.findall(r'<li class="\w+"><a href="([^"]+)"', browser.get("/").text)
    assert links == ["/incidents", "/visits?status=waiting", "/visits?status=returned", "/conflicts"]
    assert "王小明" in browser.text("/incidents")
    assert "李花" in browser.text("/visits?status=returned")
    assert "没有不一致的信息。" in browser.text("/conflicts")


def test_a_line_says_student_class_form_teacher_times_and_evidence(campus: Campus) -> None:
    campus.receive(campus.visit())
    answer = campus.browser("principal").get("/visits")
    line = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text))
    wanted = "王小明 八年级(2)班 未到校家访 萧洁荷 11月20日（周四） 16:20 11月20日（周四） 19:40 位 照 签 伴 时 文 到 待审核"
    assert wanted in line
    assert answer.text.count('class="got"') == 7
    assert 'title="定位：误差 18 米，第一次定位"' in answer.text


def test_the_filters_count_and_show_their_own(campus: Campus) -> None:
    campus.receive(campus.visit())
    campus.receive(campus.visit(LIHUA, "teacher71"), files=0)
    browser = campus.browser("principal")
    assert "全部 2 待审核 1 照片在路上 1 已退回 0 已通过 0" in browser.text("/visits")
    assert "李花" not in browser.text("/visits?status=waiting")
    assert "王小明" not in browser.text("/visits?status=underway")
    assert "没有这样的家访。" in browser.text("/visits?status=accepted")
    assert "全部 2" in browser.text("/visits?status=nonsense")


def test_long_lists_have_pages(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_server.web.console.lists.Pages.__init__.__defaults__", (2,))
    monkeypatch.setattr("sync_server.web.console.lists.PAGE_LINES", 2)
    monkeypatch.setattr("sync_server.web.console.lists.pages.__defaults__", (2,))
    for points in ("hard", "calm", "low"):
        campus.receive(campus.visit(summary_points=points))
    browser = campus.browser("principal")
    first, second = browser.get("/visits").text, browser.get("/visits?page=2").text
    assert (first.count("<td><a href=\"/visits/"), second.count("<td><a href=\"/visits/")) == (2, 1)
    assert 'rel="next" href="/visits?page=2"' in first
    assert 'rel="prev" href="/visits?page=1"' in second
    for nonsense in ("99", "0", "-1", "x", "9" * 40):
        assert browser.get(f"/visits?page={nonsense}").status_code == 200


@pytest.mark.parametrize(
    ("login", "sees"),
    [
        ("principal", {"王小明", "李花"}), ("deputy", {"王小明", "李花"}), ("office", {"王小明", "李花"}),
        ("moral", {"王小明", "李花"}), ("registrar", set()), ("director8", {"王小明"}), ("teacher82", {"王小明"}),
        ("teacher71", {"李花"}), ("duty", set()),
    ],
)  # fmt: skip
def test_lists_of_visits_show_each_role_its_own(campus: Campus, login: str, sees: set[str]) -> None:
    campus.receive(campus.visit())
    campus.receive(campus.visit(LIHUA, "teacher71"))
    browser = campus.browser(login)
    for path in ("/", "/visits"):
        page = browser.text(path)
        assert {name for name in ("王小明", "李花") if name in page} == sees, path
    assert counts(campus, login)[1:2] == ([] if login == "duty" else [len(sees)])  # who reads no child has no counts


def test_who_made_a_visit_elsewhere_finds_it_in_the_list(campus: Campus) -> None:
    campus.receive(campus.visit(LIHUA, "teacher82"))
    assert "李花" in campus.browser("teacher82").text("/visits")


def test_an_absence_without_leave_is_listed_until_its_reason_is_proved(campus: Campus) -> None:
    campus.absence(WANG, "2025-11-20")
    campus.absence(LIHUA, "2025-11-21")
    page = campus.browser("principal").text("/incidents")
    assert "王小明 八年级(2)班 萧洁荷 11月20日（周四） 还没回来 1" in page
    assert "李花 七年级(1)班 李秋芳 11月21日（周五） 还没回来 1" in page
    assert page.index("王小明") < page.index("李花")
    campus.receive(campus.visit())
    assert "王小明" not in campus.browser("principal").text("/incidents")
    assert "李花" not in campus.browser("teacher82").text("/incidents")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("小明", {"王小明"}), ("wxm", {"王小明"}), ("WangXiao", {"王小明"}), ("lh", {"李花"}), ("七年级", {"李花"}),
        ("新寨", {"王小明", "李花"}), ("", {"王小明", "李花"}), ("张", set()), ("%", set()), ("x" * 500, set()),
    ],
)  # fmt: skip
def test_students_are_found_by_name_pinyin_class_and_village(campus: Campus, query: str, found: set[str]) -> None:
    answer = campus.browser("principal").get("/students", params={"q": query})
    assert {name for name in ("王小明", "李花") if f"<strong>{name}</strong>" in answer.text} == found


def test_students_are_narrowed_by_class_and_by_reach(campus: Campus) -> None:
    browser = campus.browser("principal")
    assert "李花" not in browser.text("/students?class=class82")
    own = campus.browser("teacher82").get("/students").text
    assert "王小明" in own
    assert "李花" not in own
    assert "七年级(1)班" not in own
    assert "没有您能看的学生" in campus.browser("duty").text("/students")


def test_a_conflict_names_child_and_property_but_not_the_values(campus: Campus) -> None:
    campus.disagree("12000001711", "12000001722")
    page = campus.browser("office").text("/conflicts")
    assert "王小明 八年级(2)班 监护人电话 2" in page
    assert "12000001711" not in page
    assert "王小明" in campus.browser("teacher82").text("/conflicts")
    assert "王小明" not in campus.browser("teacher71").text("/conflicts")
    assert counts(campus, "office")[3] == 1


def test_nothing_confidential_stands_in_any_list(campus: Campus) -> None:
    safety = {"worry": "child", "alert_kinds": "abuse", "alert_urgency": "today", "alert_told": "principal"}
    made = campus.visit(**safety, alert_facts=CANARY)
    visit = campus.receive(made)
    assert CANARY in campus.browser("principal").text(f"/visits/{visit}")
    assert CANARY in campus.browser("principal").text(f"/cases/{WANG}")
    for login in ("principal", "office", "registrar", "director8", "teacher82", "moral", "fellow"):
        browser = campus.browser(login)
        for path in ("/", "/visits", "/students", "/incidents", "/conflicts", "/account"):
            assert CANARY not in browser.get(path).text, (login, path)
    for login in ("office", "registrar", "director8", "fellow"):
        browser = campus.browser(login)
        for path in (f"/visits/{visit}", f"/cases/{WANG}", f"/records/{made.sealed.rid}"):
            assert CANARY not in browser.get(path).text, (login, path)


def test_records_held_back_are_shown_with_their_reason_to_those_who_answer_for_phones(campus: Campus) -> None:
    made = campus.visit()
    campus.sql("UPDATE device SET active = 0 WHERE account = :owner", owner=PEOPLE["teacher82"][0])
    campus.receive(made, verdict="quarantined")
    for login in ("principal", "deputy", "office"):
        browser = campus.browser(login)
        assert "1 暂存待查的记录" in browser.text("/")
        assert "萧洁荷 萧洁荷的手机 11月20日（周四） 19:40 手机已停用" in browser.text("/held")
        assert "王小明" not in browser.text("/visits")
    assert campus.browser("principal").get(f"/records/{made.sealed.rid}").status_code == 200
    for login in ("teacher82", "registrar", "moral", "duty"):
        browser = campus.browser(login)
        assert "暂存待查" not in browser.text("/")
        assert browser.get("/held").status_code == 403
    assert "没有要看的记录。" not in campus.browser("office").text("/held")
