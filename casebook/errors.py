"""One tree of everything that can go wrong, each with a code that never changes its meaning.

    CasebookError
    ├── InputError 400      what was handed in cannot be right
    ├── TrustError 403      who you are, or what you signed, does not hold
    ├── LookupFailed 404    no such thing, or none that you may see
    ├── AgreementError 409  both sides have to agree first
    ├── StorageError 507    this machine cannot keep it now
    └── TransportError      the way to the school (raised on the phone only)

Outcomes (a duplicate, a quarantined record, a problem in a form) are values, not errors.
For every code the catalogues hold three sentences: `error.<code>` says what happened,
`error.<code>.safe` whether the record is safe, `error.<code>.now` what to do now.
"""

from __future__ import annotations

from typing import ClassVar


class CasebookError(Exception):
    """Base of the tree. `facts` explain the single case; they never hold names or contents of records."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    retry: ClassVar[bool] = False

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.code, facts)

    def __str__(self) -> str:
        return f"{self.code} {self.facts}" if self.facts else self.code


class InputError(CasebookError):
    """What was handed in cannot be right."""

    code = "input_wrong"
    status = 400


class RequestMalformed(InputError):
    code = "request_malformed"


class RequestTooLarge(InputError):
    code = "request_too_large"
    status = 413


class RecordMalformed(InputError):
    code = "record_malformed"


class RecordTooLarge(InputError):
    code = "record_too_large"
    status = 413


class AnswerInvalid(InputError):
    code = "answer_invalid"


class TextTooLong(InputError):
    code = "text_too_long"
    status = 413


class TooManyInstances(InputError):
    """A repeat has as many instances as a person may make; `limit` says how many."""

    code = "too_many_instances"
    status = 413


class FormUnknown(InputError):
    code = "form_unknown"


class FormBroken(InputError):
    code = "form_broken"


class VisitUnfinished(InputError):
    """A visit was to be sealed while questions are still open; `count` says how many."""

    code = "visit_unfinished"


class PhotoUnreadable(InputError):
    code = "photo_unreadable"


class PhotoTooLarge(InputError):
    code = "photo_too_large"
    status = 413


class SoundUnreadable(InputError):
    """What was recorded or chosen as a sound is none that can be played."""

    code = "sound_unreadable"


class SoundTooLarge(InputError):
    code = "sound_too_large"
    status = 413


class PaperUnreadable(InputError):
    """What was chosen as a document is of a kind that a visit does not carry."""

    code = "paper_unreadable"


class PaperTooLarge(InputError):
    code = "paper_too_large"
    status = 413


class FileTypeWrong(InputError):
    """A file's content is not what its type says."""

    code = "file_type_wrong"
    status = 415


class FileTooLarge(InputError):
    code = "file_too_large"
    status = 413


class RemarkMissing(InputError):
    code = "remark_missing"


class TrustError(CasebookError):
    """Who you are, or what you signed, does not hold."""

    code = "not_trusted"
    status = 403


class NotEnrolled(TrustError):
    code = "not_enrolled"
    status = 401


class CodeInvalid(TrustError):
    code = "code_invalid"


class CodeUsed(TrustError):
    code = "code_used"


class CodeExpired(TrustError):
    code = "code_expired"


class SessionEnded(TrustError):
    code = "session_ended"
    status = 401


class LoginFailed(TrustError):
    code = "login_failed"
    status = 401


class NotAllowed(TrustError):
    code = "not_allowed"


class ForeignOrigin(TrustError):
    code = "foreign_origin"


class SealBroken(TrustError):
    code = "seal_broken"
    status = 422


class UnknownKey(TrustError):
    code = "unknown_key"
    status = 422


class DeviceRevoked(TrustError):
    code = "device_revoked"
    status = 410


class TooManyTries(TrustError):
    code = "too_many_tries"
    status = 429


class LookupFailed(CasebookError):
    """No such thing, or none that you may see."""

    code = "not_found"
    status = 404


class NoSuchCase(LookupFailed):
    code = "no_such_case"


class NoSuchVisit(LookupFailed):
    code = "no_such_visit"


class NoSuchFile(LookupFailed):
    code = "no_such_file"


class NoSuchDraft(LookupFailed):
    code = "no_such_draft"


class NoSuchPage(LookupFailed):
    code = "no_such_page"


class AgreementError(CasebookError):
    """Both sides have to agree first."""

    code = "no_agreement"
    status = 409


class VersionTooOld(AgreementError):
    code = "version_too_old"


class ServerTooOld(AgreementError):
    """The school's server speaks a version that this app has given up; `theirs` says which."""

    code = "server_too_old"


class SyncStuck(AgreementError):
    """A loop of the conversation made no progress and stopped instead of going round."""

    code = "sync_stuck"


class OffsetWrong(AgreementError):
    code = "offset_wrong"


class FileHashWrong(AgreementError):
    code = "file_hash_wrong"
    status = 460


class ChecksumWrong(AgreementError):
    """Bytes of a file were altered on the way, says the checksum beside them; they were thrown away."""

    code = "checksum_wrong"
    status = 460
    retry = True


class FileBusy(AgreementError):
    code = "file_busy"
    status = 423
    retry = True


class DeviceQuota(AgreementError):
    """A phone has sent as much as it may in a day; `limit` (bytes) says how much that is."""

    code = "device_quota"
    status = 429


class VisitIncomplete(AgreementError):
    """The decision waits until every file of the visit has arrived."""

    code = "visit_incomplete"


class AlreadyDecided(AgreementError):
    code = "already_decided"


class VisitChanged(AgreementError):
    """A newer version of the visit arrived while this one was being decided about."""

    code = "visit_changed"


class StorageError(CasebookError):
    """This machine cannot keep it now."""

    code = "storage_failed"
    status = 507


class StorageFull(StorageError):
    code = "storage_full"


class SchoolQuota(StorageError):
    """The school keeps as much as it may; `limit` (bytes) says how much that is."""

    code = "school_quota"


class FileDamaged(StorageError):
    code = "file_damaged"


class StoreDamaged(StorageError):
    code = "store_damaged"


class TransportError(CasebookError):
    """The way to the school; the record stays safe on the phone."""

    code = "transport_failed"
    status = 503
    retry = True


class Unreachable(TransportError):
    code = "unreachable"


class TimedOut(TransportError):
    code = "timed_out"


class ServerFault(TransportError):
    code = "server_fault"


class NotOurServer(TransportError):
    """Something answered, but not our server (a captive portal, a wrong address)."""

    code = "not_our_server"
    retry = False


def by_code(code: str, **facts: object) -> CasebookError:
    """The error a server named by `code`; a code from a newer server becomes ServerFault with the code as a fact."""
    kind = _BY_CODE.get(code)
    return kind(**facts) if kind else ServerFault(server_code=code, **facts)


def _leaves(kind: type[CasebookError]) -> dict[str, type[CasebookError]]:
    found = {kind.code: kind}
    for child in kind.__subclasses__():
        found.update(_leaves(child))
    return found


_BY_CODE = _leaves(CasebookError)
ALL_CODES = tuple(sorted(_BY_CODE))
