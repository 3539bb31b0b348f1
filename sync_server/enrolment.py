"""Lets a phone in: one-use codes that are easy to type, exchanged for a bearer token bound to the phone's key."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from casebook.errors import CodeExpired, CodeInvalid, CodeUsed, LookupFailed, NotAllowed, NotEnrolled, RequestMalformed
from casebook.protocol import AccountCard, EnrolReply, EnrolRequest, SchoolCard, b64, unb64
from casebook.sealing import device_id
from sync_server.store import accounts, codes, devices, rows, schools
from sync_server.store.accounts import Account
from sync_server.store.codes import WaitingCode
from sync_server.store.devices import Device
from sync_server.store.engine import Connection, Store
from sync_server.store.schools import School

#: No character that is read as another one on a bad screen or in bad handwriting.
ALPHABET = "346789ACDEFGHJKMNPQRTUVWXY"
CODE_LENGTH = 8
HANDLE_LENGTH = 3
CODE_LIFE = dt.timedelta(minutes=10)
MAX_TRIES = 5
MAX_NAME = 120
PUBLIC_KEY_BYTES = 32


@dataclass(frozen=True)
class EnrolCode:
    """A code to read out to a teacher, and until when it holds."""

    text: str
    expires_at: str


class Enrolment:
    """Gives out codes of its school, and trades those of every school of the deployment for tokens.

    A phone that is not enrolled yet cannot say which school it is of: the code does.
    """

    def __init__(self, store: Store, school: School, server_key: bytes, clock: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._school = school
        self._server_key = server_key
        self._clock = clock

    def make_code(self, conn: Connection, account: Account, life: dt.timedelta = CODE_LIFE) -> EnrolCode:
        """A fresh code for one person's phone, as it is shown: two groups of four."""
        now = self._clock()
        expires_at = (now + life).isoformat(timespec="seconds")
        codes.forget(conn, account.school, (now - dt.timedelta(days=1)).isoformat(timespec="seconds"))
        text = self._unused_text(conn, account.school)
        waiting = WaitingCode(
            account.school, text[:HANDLE_LENGTH], _hash(text), account.id, now.isoformat(timespec="seconds"), expires_at
        )
        codes.add(conn, waiting)
        return EnrolCode(f"{text[:4]}-{text[4:]}", expires_at)

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Makes the phone a device of the code's owner.

        Raises CodeInvalid, CodeUsed, CodeExpired, NotAllowed (the key is another person's), RequestMalformed.
        """
        public_key = unb64(request.public_key)
        if len(public_key) != PUBLIC_KEY_BYTES:
            raise RequestMalformed(field="public_key")
        text = plain(request.code)
        with self._store.read() as conn:
            school = codes.school_of(conn, text[:HANDLE_LENGTH], _hash(text)) or self._school.id
        # a wrong guess must be counted even though it fails: so the answer leaves the transaction as a value
        answer = self._store.of(school).run_tx(lambda conn: self._try(conn, school, request, public_key))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def device_of(self, bearer: str | None) -> Device:
        """The device that holds this token, revoked or not. Raises NotEnrolled."""
        with self._store.read() as conn:
            device = devices.by_token(conn, self._school.id, _hash(bearer)) if bearer else None
        if device is None:
            raise NotEnrolled()
        return device

    def _try(self, conn: Connection, school: str, request: EnrolRequest, public_key: bytes) -> EnrolReply | Exception:
        try:
            code = self._check(conn, school, request.code)
            device = self._device(conn, code, request, public_key)
        except (CodeInvalid, CodeUsed, CodeExpired, NotAllowed) as refusal:
            return refusal
        token = marked(school, secrets.token_urlsafe(32))
        devices.put(conn, device, _hash(token))
        codes.note_use(conn, code.school, code.handle, device.enrolled_at)
        rows.put_me(conn, code.school, code.account, device.enrolled_at)
        return self._reply(conn, device, token)

    def _check(self, conn: Connection, school: str, typed: str) -> WaitingCode:
        text = plain(typed)
        code = codes.by_handle(conn, school, text[:HANDLE_LENGTH])
        if code is None or code.tries >= MAX_TRIES:
            raise CodeInvalid()
        if not secrets.compare_digest(code.code, _hash(text)):
            codes.note_try(conn, code.school, code.handle)
            raise CodeInvalid()
        if code.used_at is not None:
            raise CodeUsed()
        if dt.datetime.fromisoformat(code.expires_at) < self._clock():
            raise CodeExpired()
        return code

    def _device(self, conn: Connection, code: WaitingCode, request: EnrolRequest, public_key: bytes) -> Device:
        dev = device_id(public_key)
        known = devices.by_id(conn, code.school, dev)
        owner = accounts.by_id(conn, code.school, code.account)
        if owner is None or not owner.active:
            raise CodeInvalid()
        if known is not None and known.account != code.account:
            raise NotAllowed(reason="key_of_another_person")
        return Device(
            dev, code.school, code.account, public_key, request.device_name[:MAX_NAME], request.platform[:MAX_NAME],
            request.app_version[:MAX_NAME], self._clock().isoformat(timespec="seconds"),
        )  # fmt: skip

    def _reply(self, conn: Connection, device: Device, token: str) -> EnrolReply:
        account = accounts.by_id(conn, device.school, device.account)
        if account is None:
            raise LookupFailed()
        return EnrolReply(
            token=token, device=device.dev,
            school=SchoolCard(device.school, schools.name_of(conn, device.school)),
            account=AccountCard(account.id, account.name, list(account.roles)), server_key=b64(self._server_key),
            gen=schools.gen_of(conn, device.school), time=self._clock().isoformat(timespec="milliseconds"),
        )  # fmt: skip

    def _unused_text(self, conn: Connection, school: str) -> str:
        while True:
            text = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
            if codes.by_handle(conn, school, text[:HANDLE_LENGTH]) is None:
                return text


def marked(school: str, secret: str) -> str:
    """A token that says of which school it is, so that nobody need look for it in all of them."""
    return f"{school}.{secret}"


def school_of(token: str) -> str:
    """The school that a token says it is of; empty for one from before there were several."""
    return token.rpartition(".")[0]


def plain(typed: str) -> str:
    """The code as it was meant: no blanks, dashes or small letters."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())[:CODE_LENGTH]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
