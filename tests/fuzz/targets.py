"""What is fuzzed: whatever bytes come, the answer is a value or an error of ours, and what is kept reads the same twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from casebook import protocol
from casebook.columns import Table, packed, unpacked
from casebook.ed25519 import Ed25519Signer, Ed25519Verifier
from casebook.errors import CasebookError
from casebook.forms import FormDef
from casebook.kinds import check_kind
from casebook.protocol import (
    PushRequest,
    ReceiptWire,
    from_json,
    read_receipt,
    sealed_from_wire,
    sealed_to_wire,
    to_json,
)
from casebook.records import canonical, decode, encode, recall, reread
from casebook.sealing import unseal
from casebook.spelling import SPELLINGS
from casebook.translog.checkpoints import Checkpoint, glance, open_checkpoint, origin_of, sign_checkpoint
from casebook.translog.notes import Voucher, read_voucher
from tests.fuzz.shapes import MARKUP, Choices, odd_json, odd_text
from tests.sync_server.schoolhouse import SCHOOL, Phone, jpeg

FORM = Path(__file__).parent.parent / "fieldapp" / "door_visit.xml"
WAYS = 4  # one in four inputs is raw bytes, the others begin with a good example
MESSAGES = [kind for kind in vars(protocol).values()
            if isinstance(kind, type) and kind.__module__ == protocol.__name__ and hasattr(kind, "__dataclass_fields__")]  # fmt: skip


def record(raw: bytes) -> None:
    """The bytes of a record."""
    choices = Choices(raw)
    payload = choices.left
    if choices.below(WAYS):
        with suppress(CasebookError):
            payload = canonical(odd_json(_good_record(), choices))
    with suppress(CasebookError):
        read = decode(payload)
        assert read == reread(payload) == recall(payload), "what was kept reads otherwise"
        assert decode(encode(read)) == read, "written again it says something else"
        check_kind(read)


def envelope(raw: bytes) -> None:
    """A message of the sync conversation, and what is sealed inside."""
    choices = Choices(raw)
    kind = MESSAGES[choices.below(len(MESSAGES))]
    said: Any = None
    if choices.below(WAYS):
        said = odd_json(_good_push(), choices)
    else:
        with suppress(ValueError, RecursionError):
            said = json.loads(choices.left)
    with suppress(CasebookError):
        message = from_json(kind, said)
        assert from_json(kind, to_json(message)) == message, "a message changes on its way"
    with suppress(CasebookError):
        for wire in from_json(PushRequest, said).records:
            _unsealed(wire)


def checkpoint(raw: bytes) -> None:
    """A signed checkpoint, and a key as people pass it on."""
    choices = Choices(raw)
    good, key = _good_note()
    whole = odd_text(good, (b"\n", b"\n\n", "— ".encode(), b"=", b"+", b"gen ", b"time ", b"0", b"\xed\xa0\x80"), choices)
    note = (choices.left if choices.below(WAYS) == 0 else whole).decode(errors="surrogateescape")
    for read in (glance, lambda text: open_checkpoint(text, SCHOOL, key, Ed25519Verifier()), read_voucher):
        with suppress(CasebookError):
            read(note)
    with suppress(CasebookError):
        read_voucher(odd_text(str(Voucher("a", key)).encode(), (b"+", b"=", b"A"), choices).decode(errors="replace"))


def form(raw: bytes) -> None:
    """An XForm."""
    choices = Choices(raw)
    xml = choices.left if choices.below(WAYS) == 0 else odd_text(FORM.read_bytes(), MARKUP, choices)
    with suppress(CasebookError):
        FormDef.from_xml(xml)


def table(raw: bytes) -> None:
    """Rows that travel as columns."""
    choices = Choices(raw)
    said: Any = None
    if choices.below(WAYS):
        said = odd_json(_good_tables()[choices.below(2)], choices)
    else:
        with suppress(ValueError, RecursionError):
            said = json.loads(choices.left)
    with suppress(CasebookError):
        rows = unpacked(from_json(Table, said))
        with suppress(RecursionError):  # a value of a row may be nested as deep as JSON can be
            again = unpacked(packed("students", rows, SPELLINGS["students"]))
            assert _exactly(again) == _exactly(rows), "rows change on their way"


def _exactly(rows: Any) -> str:
    """So that True is not 1."""
    return json.dumps(rows, sort_keys=True)


def _unsealed(wire: Any) -> None:
    """What the school does first with what arrives."""
    with suppress(CasebookError):
        unseal(sealed_from_wire(wire), _phone().signer.public_key, Ed25519Verifier())
    with suppress(CasebookError):
        read_receipt(ReceiptWire(wire.payload, wire.sig), _phone().signer.public_key, Ed25519Verifier())


@cache
def _phone() -> Phone:
    return Phone()


@cache
def _good_record() -> Any:
    return json.loads(_phone().visit("v1", {"1.jpg": jpeg(side=8)}, set={"will": "willing"}, base={}).payload)


@cache
def _good_push() -> Any:
    return to_json(PushRequest([sealed_to_wire(_phone().visit()), sealed_to_wire(_phone().seal())], "2026-11-21T08:00:00Z"))


@cache
def _good_note() -> tuple[bytes, bytes]:
    signer = Ed25519Signer.from_bytes(bytes(32))
    said = Checkpoint(origin_of(SCHOOL), 7, bytes(32), "2026-11-21T08:00:00+08:00", "g1")
    return sign_checkpoint(said, signer).encode(), signer.public_key


@cache
def _good_tables() -> tuple[Any, Any]:
    """Tables in which every form of a column is used."""
    children = {f"{n:032x}": {
        "id": f"{n:032x}", "name": f"王{'露宁'[n % 2]}", "pinyin": f"wang{('lu', 'ning')[n % 2]}", "initials": f"w{'ln'[n % 2]}", "class": "ab"[n % 2],
        "room": "12"[n % 2], "born": f"2015-09-{n + 1:02}", "kin": [f"{n ^ 1:032x}"], "far": n, "code": f"{n:08x}",
        "adults": [{"name": f"a{n}"}, {"name": "b"}], **({"home": 1} if n == 3 else {}),
    } for n in range(6)}  # fmt: skip
    said = "".join(f"<text id='{n}'/>" for n in range(4))
    forms = {f"{name}@1": {"id": name, "xml": f"<{name}>{said}</{name}>"} for name in ("census", "visit")}
    return to_json(packed("students", children, SPELLINGS["students"])), to_json(packed("forms", forms))


TARGETS: dict[str, Callable[[bytes], None]] = {
    "record": record, "envelope": envelope, "checkpoint": checkpoint, "form": form, "table": table,
}  # fmt: skip
