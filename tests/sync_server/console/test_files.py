"""Voice notes and documents on a visit's page, and what only few may see: shown, played, saved, refused."""

from __future__ import annotations

import hashlib
from functools import cache
from urllib.parse import unquote

import pytest

from casebook.records import Attachment, FormRef
from sync_server.forms import Compiled
from sync_server.sample.fieldwork import SealedVisit
from sync_server.store import forms
from tests.fieldapp import sounds
from tests.sync_server.console.campus import PEOPLE, SCHOOL, Campus

VOICE, LETTER, HOUSE = sounds.wav(2.5), sounds.pdf(), sounds.pdf("house")
NASTY = "<b>证明</b>\"; filename=\"x.exe\r\n.pdf"
SURVEY = [
    {"type": "begin_group", "name": "said", "label": "说的话"}, {"type": "audio", "name": "voice", "label": "家长的话"},
    {"type": "file", "name": "letter", "label": "申请书"}, {"type": "text", "name": "open", "label": "公开的"},
    {"type": "text", "name": "income", "label": "收入多少", "appearance": "restricted"}, {"type": "end_group"},
    {"type": "begin_group", "name": "proofs", "label": "证明"}, {"type": "begin_repeat", "name": "one", "label": "一份"},
    {"type": "image", "name": "proof", "label": "证明材料", "appearance": "restricted"}, {"type": "end_repeat"},
    {"type": "end_group"},
    {"type": "begin_group", "name": "home", "label": "家里", "appearance": "field-list restricted"},
    {"type": "file", "name": "house", "label": "房产证"}, {"type": "end_group"},
]  # fmt: skip
INSTANCE = (
    '<data id="told" version="1"><said><voice>{voice}.wav</voice><letter>{letter}.pdf</letter><open>人人可看</open>'
    "<income>三千二百元</income></said><proofs><one><proof/></one><one><proof>{proof}.jpg</proof></one></proofs>"
    "<home><house>{house}.pdf</house></home></data>"
)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@cache
def told_form() -> Compiled:
    from pyxform.xls2xform import convert

    xml = convert({"survey": SURVEY, "settings": [{"form_id": "told", "version": "1", "name": "data", "form_title": "说一说"}]}).xform.encode()
    return Compiled("told", "1", xml, digest(xml), {"zh": "说一说"}, ("talk",), (), ())


def photo_of(made: SealedVisit) -> bytes:
    """A real picture, from the visit it is taken for."""
    return next(content for kind, content in made.files.values() if kind == "image/jpeg")


def told(campus: Campus, *, known: bool = True) -> tuple[SealedVisit, dict[str, bytes]]:
    """A visit with a voice note, a letter, and two files that only few may see; and those files by what they are."""
    form, usual = told_form(), campus.visit()
    if known:
        campus.wiring.store.run_tx(lambda conn: forms.publish(conn, SCHOOL, form, campus.wiring.now()))
    files = {"voice": VOICE, "letter": LETTER, "proof": photo_of(usual), "house": HOUSE}
    hashes = {name: digest(content) for name, content in files.items()}
    kinds = {
        "voice": ("audio", "audio/wav", "/data/said/voice", "microphone"),
        "letter": ("file", "application/pdf", "/data/said/letter", "chosen"),
        "proof": ("photo", "image/jpeg", "/data/proofs/one[2]/proof", "camera"),
        "house": ("file", "application/pdf", "/data/home/house", "chosen"),
    }
    att = tuple(
        Attachment(role, hashes[name], len(files[name]), kind, ref, None, source)
        for name, (role, kind, ref, source) in kinds.items()
    )
    facts = {hashes["voice"]: {"length_ms": 62_500}, hashes["letter"]: {"name": NASTY}, hashes["house"]: {"name": "房产.pdf"}}
    body = {"instance": INSTANCE.format(**hashes), "signatures": [], "file_facts": facts}
    made = campus.rewritten(usual, form=FormRef("told", "1", form.sha256), att=att, set={}, base={}, body=body)
    sent = {hashes[name]: (kind[1], files[name]) for name, kind in kinds.items()}
    return SealedVisit(made.visit, made.sealed, sent), files


def address(visit: str, content: bytes) -> str:
    return f"/visits/{visit}/files/{digest(content)}"


def test_a_voice_note_is_played_on_the_page(campus: Campus) -> None:
    made, _ = told(campus)
    visit, browser = campus.receive(made), campus.browser("principal")
    answer = browser.get(f"/visits/{visit}")
    assert f'<audio controls preload="none" src="{address(visit, VOICE)}"' in answer.text
    assert "media-src 'self'" in answer.headers["content-security-policy"]
    text = browser.text(f"/visits/{visit}")
    assert "家长的话" in text and "现场录音" in text and "1:02" in text
    sound = browser.get(address(visit, VOICE))
    assert (sound.content, sound.headers["content-type"], sound.headers["content-disposition"]) == (VOICE, "audio/wav", "inline")
    part = browser.get(address(visit, VOICE), headers={"Range": "bytes=0-3", "Accept-Encoding": "identity"})
    assert (part.status_code, part.content) == (206, b"RIFF")


def test_a_document_is_only_saved_under_the_name_it_had_and_the_name_breaks_nothing(campus: Campus) -> None:
    made, _ = told(campus)
    visit, browser = campus.receive(made), campus.browser("principal")
    page = browser.get(f"/visits/{visit}").text
    assert "<b>证明" not in page and "&lt;b&gt;证明" in page
    answer = browser.get(address(visit, LETTER))
    assert (answer.content, answer.headers["content-type"]) == (LETTER, "application/pdf")
    assert answer.headers["x-content-type-options"] == "nosniff"
    disposition = answer.headers["content-disposition"]
    start, _, name = disposition.partition("; filename*=UTF-8''")
    assert start == f'attachment; filename="{digest(LETTER)[:12]}.pdf"'
    assert unquote(name) == NASTY.replace("\r\n", "") and not set('"<>; \r\n') & set(name)


@pytest.mark.parametrize("login", ["principal", "moral", "teacher82"])
def test_who_may_read_the_restricted_answers_sees_their_photos_and_files(campus: Campus, login: str) -> None:
    """The principal, the moral education office, and who wrote it."""
    made, files = told(campus)
    visit, browser = campus.receive(made), campus.browser(login)
    page = browser.get(f"/visits/{visit}").text
    assert f'<img src="{address(visit, files["proof"])}/small"' in page and "三千二百元" in page and "房产.pdf" in page
    for name in ("proof", "house"):
        assert browser.get(address(visit, files[name])).content == files[name]
    assert browser.get(f"/records/{made.sealed.rid}").status_code == 200


@pytest.mark.parametrize("login", ["office", "deputy", "director8"])
def test_who_may_only_read_the_visit_is_told_that_they_are_there_and_gets_nothing_of_them(campus: Campus, login: str) -> None:
    made, files = told(campus)
    visit, browser = campus.receive(made), campus.browser(login)
    page = browser.get(f"/visits/{visit}").text
    for name in ("proof", "house"):
        assert digest(files[name]) not in page
        refused = browser.get(address(visit, files[name]))
        assert refused.status_code == 403 and files[name] not in refused.content
    assert "这张照片只给学校里有权看的人看。" in page and "这个文件只给学校里有权看的人看。" in page
    assert "三千二百元" not in page and "房产.pdf" not in page and "人人可看" in page
    assert browser.get(address(visit, VOICE)).status_code == 200
    assert browser.get(f"/records/{made.sealed.rid}").status_code == 403


def test_files_of_a_form_that_the_school_does_not_know_are_kept_back(campus: Campus) -> None:
    made, files = told(campus, known=False)
    visit = campus.receive(made)
    assert campus.browser("office").get(address(visit, files["voice"])).status_code == 403
    assert campus.browser("principal").get(address(visit, files["voice"])).status_code == 200


def test_phones_of_others_do_not_get_them_either(campus: Campus) -> None:
    made, files = told(campus)
    campus.receive(made)
    with campus.wiring.store.read() as conn:
        from sync_server.store import archive
        from sync_server.store.accounts import by_id
        from sync_server.web.files import FileRoutes
        from sync_server.web.inbox import Inbox

        routes = FileRoutes(campus.wiring, Inbox())
        may = {
            (login, name): any(
                routes._may_open(conn, by_id(conn, SCHOOL, PEOPLE[login][0]), entry.record, digest(files[name]))
                for entry in archive.naming(conn, SCHOOL, digest(files[name]))
            )
            for login in ("teacher82", "director8", "teacher71", "principal")
            for name in ("voice", "proof")
        }
    assert may == {
        ("teacher82", "voice"): True, ("teacher82", "proof"): True, ("director8", "voice"): True, ("director8", "proof"): False,
        ("teacher71", "voice"): False, ("teacher71", "proof"): False, ("principal", "voice"): True, ("principal", "proof"): True,
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"MZ\x90\x00", b"<script>alert(1)</script>", VOICE], ids=["program", "page", "sound"])
def test_a_file_that_is_not_what_it_claims_is_refused(campus: Campus, content: bytes) -> None:
    from casebook.errors import FileTypeWrong
    from sync_server.store.blobs import Announcement

    sha256 = digest(content)
    campus.wiring.uploads.announce(SCHOOL, sha256, Announcement(len(content), "application/pdf"))
    writing = campus.wiring.uploads.open(SCHOOL, sha256, 0)
    with pytest.raises(FileTypeWrong):
        writing.write(content)
    with pytest.raises(FileTypeWrong):
        campus.wiring.uploads.announce(SCHOOL, digest(b"x"), Announcement(1, "text/html"))
