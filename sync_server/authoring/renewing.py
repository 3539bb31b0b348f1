"""After the program was renewed: its new form versions go out at every school that uses the form as it came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sync_server.authoring import library
from sync_server.authoring.library import Supplied
from sync_server.authoring.versions import is_newer, newest
from sync_server.forms import Compiled, bundled_forms
from sync_server.store import form_desk, forms
from sync_server.store.engine import Connection


@dataclass(frozen=True)
class News:
    """A form version of the program that a school has not published.

    `own`: the school has changed the form, is changing it, or has withdrawn it. Then its office decides.
    """

    school: str
    form: Supplied
    own: bool


def news(conn: Connection, school: str) -> Iterator[News]:
    """What the program brings that this school lacks; nothing for a school without any form."""
    versions: dict[str, list[str]] = {}
    for form in forms.all_of(conn, school):
        versions.setdefault(form.form_id, []).append(form.version)
    authors = form_desk.publishers(conn, school)
    drafts = {draft.form_id for draft in form_desk.drafts(conn, school)}
    for one in library.supplied_forms() if versions else ():
        known = versions.get(one.form_id, [])
        theirs = [version for version in known if authors.get((one.form_id, version))]
        came = [version for version in known if version not in theirs]
        if is_newer(one.version, came):
            withdrawn = bool(known) and not forms.is_offered(conn, school, one.form_id, newest(known))
            yield News(school, one, bool(theirs) or one.form_id in drafts or withdrawn)


def compiled(found: Iterable[News]) -> dict[str, Compiled]:
    """The forms that are to be published, by form id; the others are not compiled, each takes half a second."""
    wanted = {one.form.form_id for one in found if not one.own}
    left_out = {(one.form_id, one.version) for one in library.supplied_forms() if one.form_id not in wanted}
    return {form.form_id: form for form in bundled_forms(left_out)}


def publish(conn: Connection, found: Iterable[News], ready: dict[str, Compiled], at: str) -> None:
    """Publishes what is no school's own affair; phones get it with their next sync."""
    for one in found:
        if not one.own:
            library.publish(conn, one.school, ready[one.form.form_id], at)
