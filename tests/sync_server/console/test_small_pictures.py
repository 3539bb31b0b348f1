"""Small pictures of photos: for whom the photo is, of the photo's own pixels, made again whenever they are gone."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

import pytest
from PIL import Image

from sync_server import pictures, thumbnails
from sync_server.operations import keeping
from sync_server.pictures import EDGE, shrink
from tests.sync_server.console.campus import Campus
from tests.sync_server.console.test_files import address, told


def photo_address(campus: Campus) -> tuple[str, str, bytes]:
    """A visit that has come in: its address, that of one of its photos, and the photo."""
    made = campus.visit()
    visit = campus.receive(made)
    photo = next(content for kind, content in made.files.values() if kind == "image/jpeg")
    return f"/visits/{visit}", address(visit, photo), photo


def kept(campus: Campus) -> list[Path]:
    return [path for path in (campus.wiring.settings.data / thumbnails.FOLDER).rglob("*") if path.is_file()]


def test_the_visit_and_the_lists_show_them_and_a_click_the_photo(campus: Campus) -> None:
    page, photo, content = photo_address(campus)
    browser = campus.browser("principal")
    assert f'<a href="{photo}"><img src="{photo}/small"' in browser.get(page).text
    for listing in ("/visits", "/"):
        assert re.search(rf'href="({page}/files/\w+)"><img src="\1/small"', browser.get(listing).text), listing
    answer = browser.get(f"{photo}/small")
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.format == "JPEG" and max(picture.size) == EDGE and not picture.getexif()
    assert len(answer.content) < len(content) / 2
    told = {name: answer.headers[name] for name in ("content-type", "x-content-type-options", "content-disposition", "cache-control")}
    assert told == {"content-type": "image/jpeg", "x-content-type-options": "nosniff", "content-disposition": "inline",
                    "cache-control": "private, max-age=31536000, immutable"}  # fmt: skip


def test_gone_torn_or_old_ones_are_made_again(campus: Campus) -> None:
    _, photo, _ = photo_address(campus)
    browser = campus.browser("principal")
    first = browser.get(f"{photo}/small").content
    (path,) = kept(campus)
    for spoil in (path.unlink, lambda: path.write_bytes(first[:-9])):
        spoil()
        assert browser.get(f"{photo}/small").content == first == path.read_bytes()
    assert thumbnails.thumbnails_of(campus.wiring).forget(time.time() + 1) == 1 and kept(campus) == []
    assert keeping.tidy(campus.wiring)["small"] == 0


def test_who_may_not_see_the_photo_does_not_see_it_small(campus: Campus) -> None:
    page, photo, _ = photo_address(campus)
    assert campus.browser("principal").get(f"{photo}/small").status_code == 200
    for login in ("teacher71", "duty"):
        browser = campus.browser(login)
        assert browser.get(f"{photo}/small").status_code == browser.get(photo).status_code != 200, login
    assert campus.browser("principal").get(f"{page}/files/{'0' * 64}/small").status_code == 404


def test_a_photo_for_few_is_in_no_list_and_small_for_few_only(campus: Campus) -> None:
    made, files = told(campus)
    proof = address(campus.receive(made), files["proof"])
    assert campus.browser("principal").get(f"{proof}/small").headers["content-type"] == "image/jpeg"
    office = campus.browser("office")
    assert office.get(f"{proof}/small").status_code == 403
    for login in ("office", "principal"):
        assert proof not in campus.browser(login).get("/visits").text


def test_what_cannot_be_made_small_is_shown_as_it_is(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    made, files = told(campus)
    visit = campus.receive(made)
    letter = address(visit, files["letter"])
    browser = campus.browser("principal")
    assert browser.get(f"{letter}/small", follow_redirects=False).headers["location"] == letter
    monkeypatch.setitem(pictures.MOST_TO_SHRINK, "JPEG", 100)
    proof = address(visit, files["proof"])
    assert browser.get(f"{proof}/small", follow_redirects=False).headers["location"] == proof
    assert kept(campus) == []


def test_an_altered_photo_is_not_shown_small(campus: Campus) -> None:
    _, photo, content = photo_address(campus)
    campus.wiring.blobs.path(photo.rpartition("/")[2]).write_bytes(content[:-2] + b"xx")
    assert campus.browser("principal").get(f"{photo}/small").status_code == 404


def test_pictures_of_every_kind_come_out_upright_and_on_white() -> None:
    turned, sheet = Image.new("RGB", (60, 30), "red"), Image.new("RGBA", (30, 30), (0, 0, 0, 0))
    exif, content = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    turned.save(content, "JPEG", exif=exif)
    small = shrink(content.getvalue())
    assert small is not None and Image.open(io.BytesIO(small)).size == (30, 60)
    sheet.save(content := io.BytesIO(), "PNG")
    small = shrink(content.getvalue())
    assert small is not None and Image.open(io.BytesIO(small)).getpixel((5, 5)) == (255, 255, 255)
    assert shrink(b"\xff\xd8\xff no picture") is None and shrink(b"GIF89a") is None
