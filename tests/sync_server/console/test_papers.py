"""The school's papers in the console: filled in from the case, no word of command, printed as they were sealed."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from PIL import Image

from sync_server import rulebook
from sync_server.notices import command_words
from sync_server.registry import Guardian, SchoolClass, Student, Village
from sync_server.roster import register
from sync_server.store import accounts
from sync_server.store import register as kept
from sync_server.store.register import Authorship
from sync_server.web.console.actions import ACTIONS
from sync_server.web.limits import MAX_CONSOLE_BYTES
from tests.sync_server.console.campus import CHILDREN, LIHUA, PEOPLE, SCHOOL, WANG, Campus, words
from tests.sync_server.console.casework import Casework, issue, options, prefilled

RARE = "禤㛃𬱖·阿依"
DESK = {"principal", "office", "registrar", "director8"}


@pytest.fixture
def work(campus: Campus) -> Casework:
    return Casework(campus)


def registered(campus: Campus, hukou: str, name: str = RARE) -> None:
    """王小明 in the register, whose household is registered in another village than the one he lives in."""
    guardian = Guardian("g1", "覃翊木", "52", "12000001701", True, True, "little")
    boy = Student(
        WANG, name, "1", dt.date(2011, 5, 8), "01", "", "", "class82", "h1", "990123101217", hukou, "石桥镇新寨村五组87号",
        "小卖部后面", False, "regular", (), (), (), (guardian,), hukou_address="石桥镇高岭村2组",
    )  # fmt: skip
    nouns = [
        Village("990123101217", "新寨村", "village", "none", 120), Village("990123101230", "高岭村", "village", "ok", 200),
        SchoolClass("class82", "八年级(2)班", 8, "junior", PEOPLE["teacher82"][0]), boy,
    ]  # fmt: skip
    by = Authorship(PEOPLE["registrar"][0], campus.wiring.now(), "test")
    campus.wiring.store.run_tx(lambda conn: register.write(conn, SCHOOL, nouns, by))
    with campus.wiring.store.read() as conn:
        assert kept.entry(conn, SCHOOL, kept.STUDENT, WANG)


def printed(work: Casework, login: str, address: str) -> str:
    answer = work.campus.browser(login).get(address)
    assert answer.status_code == 200
    return words(answer.text)


def test_the_notice_is_filled_in_from_the_case_and_printed_as_it_was_sealed(work: Casework) -> None:
    work.confirmed().at("2025-11-13 10:00")
    filled = issue(work.form("registrar", "notice_issued"))
    assert (filled["no"], filled["addressee"]) == ("劝学〔2025〕1号", "覃翊木")
    for said in (
        "您的孩子王小明（八年级(2)班）从2025年11月6日起没有到校上课，到2025年11月13日已缺课6个上课日。",
        "学校先后联系过您家：11月6日上门、11月10日电话。",
        "《中华人民共和国义务教育法》第五条、《中华人民共和国义务教育法》第十一条规定",
        "自收到本通知书次日起7天内（最后一天不上课的，顺延到下一个上课日）",
        "如2025年11月13日收到，请在2025年11月20日以前（含当天）返校。",
        "报告乡镇人民政府和县级教育行政部门",
    ):
        assert said in filled["text"]
    address = work.done("registrar", "notice_issued", variant="N1", **{**filled, "text": filled["text"] + "\n可以坐校车。"})
    paper = printed(work, "registrar", address)
    for said in ("石桥镇九年一贯制学校 督促复学通知书", "劝学〔2025〕1号", "覃翊木：", "可以坐校车。", "2025年11月13日", "回 执", "监督电话"):
        assert said in paper
    work.counted("14")
    assert printed(work, "registrar", address).count("已缺课6个上课日") == 1
    assert ("print_paper", f"record:{address.split('/')[-1]}") in work.campus.audit()


def test_the_day_of_return_follows_the_countys_row(work: Casework) -> None:
    row = {"key": "return_by", "value": 5, "unit": "school_days", "scope": f"school:{SCHOOL}"}
    add_rule(work, row)
    work.confirmed().at("2025-11-13 10:00")
    text = issue(work.form("registrar", "notice_issued"))["text"]
    assert "自收到本通知书次日起5个上课日内，" in text
    assert "请在2025年11月20日以前" in text


def test_a_served_notice_says_until_when(work: Casework) -> None:
    work.noticed()
    rid = work.life().done("notice_issued").rid  # type: ignore[union-attr]
    assert "本通知书已经送达，请在2025年11月21日以前（含当天）返校。" in printed(work, "principal", f"/papers/{rid}")
    assert "劝学〔2025〕1号 通知书 王小明 八年级(2)班 11月13日（周四） 覃翊木 已送达" in printed(work, "registrar", "/papers")


def test_a_notice_with_words_of_command_is_refused_and_the_words_are_named(work: Casework) -> None:
    work.confirmed().at("2025-11-13 10:00")
    filled = issue(work.form("registrar", "notice_issued"))
    first, second = command_words()[:2]
    text = f"{first}立即返校，{second}"
    missing = work.refused("registrar", "notice_issued", variant="N1", **{**filled, "text": text})
    assert missing == [f"学校的通知书不能用政府的命令词：{first} {second}。请改成请求的说法。"]


def test_the_letter_goes_to_the_village_of_the_household_register(work: Casework) -> None:
    registered(work.campus, "990123101230")
    work.confirmed().at("2025-11-13 10:00")
    page = work.form("registrar", "notice_issued", "?v=N2")
    filled = issue(page)
    assert (filled["no"], filled["addressee"]) == ("村函〔2025〕1号", "高岭村村民委员会")
    assert "户籍地高岭村和现住地新寨村不是一个村。" in page
    assert f"我校学生{RARE}，男，八年级(2)班，户籍在高岭村，监护人覃翊木。" in filled["text"]
    assert "该生现住石桥镇新寨村五组87号，与户籍地不同。" in filled["text"]
    paper = printed(work, "registrar", work.done("registrar", "notice_issued", variant="N2", **filled))
    assert "致村（居）民委员会函" in paper
    assert RARE in paper
    assert prefilled(work.form("teacher82", "letter"), "village") == "高岭村村民委员会"


def test_an_unknown_place_of_the_household_register_is_flagged(work: Casework) -> None:
    work.confirmed().at("2025-11-13 10:00")
    page = work.form("registrar", "notice_issued", "?v=N2")
    assert "学籍里没有户籍地的村" in page
    assert issue(page)["addressee"] == "新寨村村民委员会"
    assert "入学〔2025〕1号" in work.form("registrar", "notice_issued", "?v=N3")


def test_the_report_says_what_each_contact_was(work: Casework) -> None:
    work.noticed().at("2025-11-18 09:00")
    text = prefilled(work.form("office", "reported", "?v=RB"), "text")
    assert "2025年11月6日　上门　见到监护人" in text
    assert "2025年11月14日　送达通知书　已送达（劝学〔2025〕1号）" in text
    refused = work.refused("office", "reported", variant="RC", no="9", addressees="县", on="2025-11-18", way="post", proof="章", text="x")
    assert any("没有可报的劝返无效（RC）" in one for one in refused)


def test_a_report_is_filled_in_from_the_case_and_proved(work: Casework) -> None:
    work.confirmed().at("2025-11-14 09:00")
    page = work.form("office", "reported", "?v=RB")
    fields = {name: prefilled(page, name) for name in ("no", "addressees", "on", "text")}
    assert fields["no"] == "控辍报〔2025〕1号"
    assert fields["addressees"].splitlines() == ["乡镇人民政府", "县教育体育局"]
    for said in ("2025年11月10日　电话　联系到监护人", "2025年11月6日　上门　见到监护人", "家长说：外出做工；学校判断：厌学", "去向：在本县做工。家长态度：还在犹豫。"):
        assert said in fields["text"]
    assert "请填回执或收件人。" in work.refused("office", "reported", variant="RB", way="handed_over", **fields)
    address = work.done("office", "reported", variant="RB", way="handed_over", proof="李秘书签收", **fields)
    paper = printed(work, "office", address)
    for said in ("关于劝返结果的报告", "乡镇人民政府、县教育体育局：", "报送方式：专人送达"):
        assert said in paper
    assert "李秘书签收" in printed(work, "office", "/papers")


def test_a_notice_without_a_text_of_its_own_says_what_the_case_said_then(work: Casework) -> None:
    work.confirmed().at("2025-11-13 10:00")
    with work.campus.wiring.store.read() as conn:
        registrar = accounts.by_login(conn, SCHOOL, "registrar")
    assert registrar is not None
    body = {"act": "notice_issued", "role": "registrar", "notice": "N1", "no": "劝学〔2025〕9号", "addressee": "覃翊木",
            "on": "2025-11-13"}  # fmt: skip
    office = work.campus.wiring.office
    work.campus.wiring.store.run_tx(lambda conn: office.write(conn, registrar, "act", WANG, body=body))
    work.counted("14", "17")
    rid = work.life().done("notice_issued").rid  # type: ignore[union-attr]
    assert "到2025年11月13日已缺课6个上课日" in printed(work, "registrar", f"/papers/{rid}")


def test_a_photographed_receipt_is_the_proof_of_a_report(work: Casework) -> None:
    work.confirmed().at("2025-11-14 09:00")
    fields = {"variant": "RA", "no": "报1", "addressees": "县教育体育局", "on": "2025-11-14", "way": "post", "text": "苗头"}
    drawn = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(drawn, "PNG")
    headers = {"Origin": "http://sync.local", "Sec-Fetch-Site": "same-origin"}

    def send(content: bytes):  # type: ignore[no-untyped-def]
        files = {"file": ("receipt.png", content)}
        return work.campus.browser("office").post(f"/cases/{WANG}/steps/reported", data=fields, files=files, headers=headers)

    assert "照片要是JPG或PNG。" in send(b"GIF89a").text
    address = send(drawn.getvalue()).headers["location"]
    assert work.campus.browser("principal").get(f"{address}/photo").content == drawn.getvalue()
    assert work.campus.browser("teacher71").get(f"{address}/photo").status_code == 403
    assert "有回执照片" in printed(work, "office", "/papers")


def test_a_kind_of_report_that_the_county_does_not_use_is_not_offered_and_refused(work: Casework) -> None:
    add_rule(work, {"key": "case_reports", "value": ["RC", "RD"], "unit": "codes", "scope": f"school:{SCHOOL}"})
    work.confirmed().at("2025-11-14 09:00")
    assert "?v=RA" not in work.form("office", "reported")
    assert work.campus.browser("office").text("/papers/report?v=RX", 404)


def test_the_month_is_reported_also_when_there_is_nothing(campus: Campus) -> None:
    work = Casework(campus)
    work.counted("19", "20", "21", absent=False)
    work.at("2025-11-28 16:00")
    assert "RE 月报 全校 2025-11 11月28日（周五）" in printed(work, "office", "/papers")
    page = campus.browser("office").get("/papers/report?v=RE").text
    fields = {name: prefilled(page, name) for name in ("no", "addressees", "on", "text", "period")}
    assert fields["period"] == "2025-11"
    assert "全校2个班，本月应点名40次，已点名3次。" in fields["text"]
    assert "本月没有确认辍学的学生" in fields["text"]
    empty = campus.browser("office").send_form("/papers/report", variant="RE", **{**fields, "no": ""})
    assert empty.status_code == 422
    assert all(said in empty.text for said in ("请填文号。", "请选方式。", "请填回执或收件人。"))
    sent = campus.browser("office").send_form("/papers/report", variant="RE", way="platform", proof="881", **fields)
    assert sent.status_code == 303
    assert "控辍保学工作月报" in printed(work, "principal", sent.headers["location"])
    listed = printed(work, "office", "/papers")
    assert "没有该报未报的。" in listed
    assert "RE 月报 全校 2025-11" in listed


def test_the_months_figures_name_the_children_behind_them(work: Casework) -> None:
    work.confirmed().at("2025-11-13 10:00")
    text = prefilled(work.campus.browser("office").get("/papers/report?v=RE").text, "text")
    assert "本月新确认辍学1人，现未复学1人，本月复学0人。" in text
    assert "现未复学：王小明（八年级(2)班）。" in text
    assert "本月没有确认辍学的学生" not in text


def test_a_month_that_was_forgotten_is_offered_first_and_named_in_the_one_right_way(campus: Campus) -> None:
    work = Casework(campus)
    work.counted("27", "28", absent=False)
    work.at("2025-12-02 09:00")
    assert "11月28日（周五）" in printed(work, "office", "/papers")
    page = campus.browser("office").get("/papers/report?v=RE").text
    fields = {name: prefilled(page, name) for name in ("no", "addressees", "on", "text", "period")}
    assert (fields["period"], "2025年11月控辍保学情况报告如下。" in fields["text"]) == ("2025-11", True)
    assert "本月应点名40次，已点名2次" in fields["text"]
    told = {"variant": "RE", "way": "platform", "proof": "881", **fields}
    wrong = campus.browser("office").send_form("/papers/report", **{**told, "period": "11月"})
    assert (wrong.status_code, "请写清是哪个月" in wrong.text) == (422, True)
    assert campus.browser("office").send_form("/papers/report", **told).status_code == 303
    assert prefilled(campus.browser("office").get("/papers/report?v=RE").text, "period") == "2025-12"


def test_of_several_forgotten_months_the_oldest_is_offered_first_and_each_has_its_own_link(campus: Campus) -> None:
    work = Casework(campus)
    for month in ("2025-09", "2025-10", "2025-11"):
        work.counted("28", absent=False, month=month)
    work.at("2025-12-02 09:00")
    office = campus.browser("office")
    linked = re.findall(r"v=RE&amp;period=([0-9-]+)", office.get("/papers").text)
    assert linked == ["2025-09", "2025-10", "2025-11", "2025-12"]
    oldest, asked = (office.get(f"/papers/report?v=RE{more}").text for more in ("", "&period=2025-10"))
    assert (prefilled(oldest, "period"), "2025年9月" in prefilled(oldest, "text")) == ("2025-09", True)
    assert (prefilled(asked, "period"), "2025年10月" in prefilled(asked, "text")) == ("2025-10", True)
    assert prefilled(office.get("/papers/report?v=RE&period=2031-01").text, "period") == "2025-09"


def test_who_was_confirmed_and_found_elsewhere_in_one_month_is_no_zero_report(work: Casework) -> None:
    """R47."""
    work.confirmed()
    work.done("registrar", "closing", variant="Z2", papers=["certificate", "school_called"])
    work.done("principal", "closed", closing=options(work.form("principal", "closed"), "closing")[0])
    text = prefilled(work.campus.browser("office").get("/papers/report?v=RE").text, "text")
    assert "本月新确认辍学1人，现未复学0人" in text
    assert "本月没有确认辍学的学生" not in text


def test_a_report_of_the_whole_school_opens_to_who_sends_it_and_not_to_one_grade(work: Casework) -> None:
    work.counted("19", absent=False)
    page = work.campus.browser("office").get("/papers/report?v=RE").text
    fields = {name: prefilled(page, name) for name in ("no", "addressees", "on", "text", "period")}
    sent = work.campus.browser("office").send_form("/papers/report", variant="RE", way="post", proof="1", **fields)
    opened = {login for login in PEOPLE if work.campus.browser(login).get(sent.headers["location"]).status_code == 200}
    assert opened == DESK - {"director8"}


def test_a_photo_as_telephones_take_them_comes_with_a_step_and_with_a_report(work: Casework) -> None:
    """Three megabytes; more than an office's paper ever is, is refused with a sentence."""
    work.suspected()
    drawn = io.BytesIO()
    Image.effect_noise((1_800, 1_700), 120).save(drawn, "PNG")
    assert 2_000_000 < len(drawn.getvalue()) < 9_000_000
    headers = {"Origin": "http://sync.local", "Sec-Fetch-Site": "same-origin"}
    told = {"village": "新寨村", "receiver": "赵主任", "on": "2025-11-12"}

    def send(address: str, fields: dict[str, str], content: bytes) -> int:
        files = {"paper": ("p.png", content)}
        return work.campus.browser("registrar").post(address, data=fields, files=files, headers=headers).status_code

    assert send(f"/cases/{WANG}/steps/letter", told, drawn.getvalue()) == 303
    page = work.campus.browser("registrar").get("/papers/report?v=RE").text
    month = {name: prefilled(page, name) for name in ("no", "addressees", "on", "text", "period")}
    assert send("/papers/report", {"variant": "RE", "way": "post", **month}, drawn.getvalue()) == 303
    assert send(f"/cases/{WANG}/steps/letter", told, drawn.getvalue() + bytes(MAX_CONSOLE_BYTES)) == 413
    assert max(action.most_bytes for action in ACTIONS) <= MAX_CONSOLE_BYTES


def test_the_desk_of_papers_is_for_those_who_send_them_and_a_paper_for_those_who_read_the_case(work: Casework) -> None:
    work.noticed()
    rid = work.life().done("notice_issued").rid  # type: ignore[union-attr]
    browsers = {login: work.campus.browser(login) for login in PEOPLE}
    desk = {login: browser.get("/papers").status_code for login, browser in browsers.items()}
    assert desk == {login: 200 if login in DESK else 403 for login in PEOPLE}
    read = {login: browser.get(f"/papers/{rid}").status_code for login, browser in browsers.items()}
    assert read == {login: 403 if login in {"teacher71", "duty"} else 200 for login in PEOPLE}


def test_a_director_sees_the_papers_of_the_own_grade_only(work: Casework) -> None:
    work.noticed()
    assert CHILDREN[LIHUA][0] not in printed(work, "director8", "/papers")
    assert "劝学〔2025〕1号" in printed(work, "director8", "/papers")


def test_what_is_no_paper_is_no_page(work: Casework) -> None:
    work.suspected().done("registrar", "marked", mark="suspected", on="2025-11-12")
    marked = work.life().done("marked").rid  # type: ignore[union-attr]
    for rid in ("nothing", "0" * 64, marked):
        assert work.campus.browser("principal").get(f"/papers/{rid}").status_code == 404


def test_the_confirmation_is_printed_with_its_basis(work: Casework) -> None:
    work.confirmed()
    rid = work.life().done("confirmed").rid  # type: ignore[union-attr]
    assert f'/papers/{rid}"> 确认辍学表' in work.campus.browser("registrar").get(f"/cases/{WANG}").text
    paper = printed(work, "registrar", f"/papers/{rid}")
    for said in ("确认辍学表", "2025年11月6日 上门 见到监护人", "原因：家长说：外出做工", "学校确认该生辍学", "2025年11月13日", "经办人：徐校长"):
        assert said in paper
    assert "回 执" not in paper


def test_a_document_of_the_government_is_logged_and_never_dressed_as_the_schools(work: Casework) -> None:
    work.noticed().at("2025-11-24 09:00")
    work.done("registrar", "letter", village="新寨村村民委员会", receiver="赵主任", on="2025-11-17")
    work.done("principal", "ineffective", because="期限已过")
    work.done("office", "external", document="N4", no="石政责〔2025〕3号", issuer="石桥镇人民政府", on="2025-11-24")
    rid = work.life().done("external").rid  # type: ignore[union-attr]
    paper = printed(work, "office", f"/papers/{rid}")
    for said in ("外来文书登记", "石政责〔2025〕3号", "发文单位 石桥镇人民政府", "经办人：贾主任"):
        assert said in paper
    assert "盖章" not in paper.replace("盖章后送出", "")


def add_rule(work: Casework, row: dict[str, object]) -> None:
    """A row of the school's own, as the feed carries it."""
    row = {**row, "effective_from": "2025-09-01", "clause": "R32", "source": "county"}
    rows, at = [*rulebook.default_rows(), row], work.campus.wiring.now()
    work.campus.wiring.store.run_tx(lambda conn: rulebook.publish(conn, SCHOOL, rows, at))
