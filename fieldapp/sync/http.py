"""The sync conversation over HTTP. The only module of the phone that knows `requests`."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from casebook import protocol
from casebook.errors import (
    CasebookError,
    NoSuchFile,
    NotOurServer,
    RequestMalformed,
    RequestTooLarge,
    ServerFault,
    StorageError,
    TimedOut,
    Unreachable,
    by_code,
)
from casebook.packs import Pack
from casebook.protocol import (
    CompareReply,
    CompareRequest,
    EnrolReply,
    EnrolRequest,
    HelloReply,
    MissingReply,
    MissingRequest,
    PullReply,
    PushReply,
    PushRequest,
    Watermark,
)
from casebook.tables import without_tables

if TYPE_CHECKING:
    import requests

CONNECT_TIMEOUT_S = 6.0
READ_TIMEOUT_S = 30.0
PACK_FROM_BYTES = 400
MAX_SMALL_REPLY = 64 * 1024
MAX_REPLY = 24 * 1024 * 1024
_PIECE = 64 * 1024
_PROBLEM = "application/problem+json"
_OFFSET, _OCTETS = "Upload-Offset", "application/offset+octet-stream"
#: What the system holds of a body that is not sent yet: little, so that what counts as sent is nearly sent, and so that
#: on the slowest link the answer comes within READ_TIMEOUT_S after the last byte was handed over.
_SEND_BUFFER = 64 * 1024
_NOT_FACTS = {"type", "title", "status", "detail", "code", "instance", "retry"}

T = TypeVar("T")


def server_address(typed: str) -> str:
    """The address a teacher typed, as a base URL ("192.168.1.5:8000" is http). Raises NotOurServer."""
    address = typed.strip()
    if "://" not in address:
        address = f"http://{address}"
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError as error:
        raise NotOurServer(reason="address") from error
    if not usable:
        raise NotOurServer(reason="address")
    return f"{parts.scheme}://{parts.netloc}"


class HttpConversation:
    """A `SyncConversation` with the server at `base_url`, on behalf of the device that `token` belongs to.

    Every call raises Unreachable, TimedOut, NotOurServer, ServerFault, or what the server says in a problem.
    """

    def __init__(self, base_url: str, token: str | None = None) -> None:
        self._base_url = server_address(base_url) + "/"
        self._token = token
        self._opened: requests.Session | None = None
        self._zips = self._tables = False  # whether the server has said that it unpacks, and knows tables

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Introduces this phone with a one-use code."""
        return self._ask(EnrolReply, "POST", "v1/enrol", request, limit=MAX_SMALL_REPLY)

    def hello(self, wm: Watermark | None = None) -> HelloReply:
        """Versions, clocks, standing; NotOurServer unless the answer carries our server's mark."""
        reply = self._ask(HelloReply, "GET", f"v1/hello{_said('?', wm)}", limit=MAX_SMALL_REPLY)
        if reply.server != protocol.SERVER_MARK:
            raise NotOurServer(reason="mark")
        self._zips, self._tables = protocol.GZIP in reply.offers, protocol.TABLES in reply.offers
        return reply

    def push(self, request: PushRequest) -> PushReply:
        """Hands records over."""
        return self._ask(PushReply, "POST", "v1/push", request)

    def pull(self, after: int, limit: int, wm: Watermark | None = None) -> PullReply:
        """What is new after the cursor; the many rows of a page come as tables where the server offers that."""
        tables = "&tables=1" if self._tables else ""
        page = self._ask(PullReply, "GET", f"v1/pull?after={after}&limit={limit}{_said('&', wm)}{tables}")
        try:
            return without_tables(page)
        except RequestMalformed as error:
            raise NotOurServer(reason="not_our_words") from error

    def missing(self, request: MissingRequest) -> MissingReply:
        """What the server lacks of these."""
        return self._ask(MissingReply, "POST", "v1/missing", request)

    def compare(self, request: CompareRequest) -> CompareReply:
        """In which parts this phone's copy differs."""
        return self._ask(CompareReply, "POST", "v1/compare", request)

    def file_offset(self, sha256: str, size: int, type: str) -> int:
        """Announces a file (tus creation); the byte from which the server wants it."""
        told = {"sha256": sha256, "type": type}
        metadata = ",".join(f"{name} {protocol.b64(value.encode())}" for name, value in told.items())
        headers = {"Upload-Length": str(size), "Upload-Metadata": metadata}
        offset = self._tus("POST", "files", headers).get(_OFFSET)
        if offset is None:
            offset = self._tus("HEAD", f"files/{sha256}", {}).get(_OFFSET)
        return _count(offset, size)

    def send_chunk(self, sha256: str, offset: int, size: int, chunk: bytes) -> int:
        """Sends bytes of a file; the offset up to which the server keeps it now."""
        headers = {_OFFSET: str(offset), "Content-Type": _OCTETS}
        return _count(self._tus("PATCH", f"files/{sha256}", headers, chunk).get(_OFFSET), size)

    def pack_offset(self, pack: Pack) -> int:
        """Announces files that come as one stream; the byte from which the server wants it."""
        return _count(self._tus("POST", "files", _announced(pack)).get(_OFFSET), pack.size)

    def send_pack(self, pack: Pack, offset: int, pieces: Iterable[bytes], fresh: bool) -> int:
        """Sends all of a pack from `offset` on; the offset up to which the server keeps it now."""
        content = _Sized(pieces, pack.size - offset)
        if fresh:
            answer = self._tus("POST", "files", {**_announced(pack), "Content-Type": _OCTETS}, content)
        else:
            headers = {_OFFSET: str(offset), "Content-Type": _OCTETS}
            answer = self._tus("PATCH", f"files/pack/{pack.id}", headers, content)
        return _count(answer.get(_OFFSET), pack.size)

    def fetch_file(self, sha256: str, size: int) -> bytes:
        """A file that the school keeps. Raises NoSuchFile when this phone may not see it."""
        _, content = self._send("GET", f"v1/files/{sha256}", {}, None, size)
        return content

    def close(self) -> None:
        """Drops the connection."""
        if self._opened is not None:
            self._opened.close()

    def _ask(self, kind: type[T], method: str, path: str, message: Any = None, limit: int = MAX_REPLY) -> T:
        headers, content = {"Accept": "application/json"}, None
        if message is not None:
            content = json.dumps(protocol.to_json(message), ensure_ascii=False, separators=(",", ":")).encode()
            headers["Content-Type"] = "application/json"
            if self._zips and len(content) >= PACK_FROM_BYTES:
                headers["Content-Encoding"], content = "gzip", gzip.compress(content, mtime=0)
        answer, body = self._send(method, path, headers, content, limit)
        if not answer.headers.get("Content-Type", "").startswith("application/json"):
            raise NotOurServer(reason="not_json", status=answer.status_code)
        try:
            return protocol.from_json(kind, json.loads(body))
        except (ValueError, RecursionError, RequestMalformed) as error:
            raise NotOurServer(reason="not_our_words") from error

    def _tus(self, method: str, path: str, headers: dict[str, str], content: bytes | _Sized | None = None) -> Any:
        told = {"Tus-Resumable": protocol.TUS_VERSION, **headers}
        answer, _ = self._send(method, path, told, content, MAX_SMALL_REPLY)
        if "Tus-Resumable" not in answer.headers:
            raise NotOurServer(reason="not_tus", status=answer.status_code)
        return answer.headers

    def _send(
        self, method: str, path: str, headers: dict[str, str], content: bytes | _Sized | None, limit: int
    ) -> tuple[requests.Response, bytes]:
        import requests

        timeout = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
        url = urljoin(self._base_url, path)
        try:
            with self._session().request(
                method, url, headers=headers, data=content, timeout=timeout, stream=True, allow_redirects=False
            ) as answer:
                body = _bounded(answer, limit)
        except requests.exceptions.SSLError as error:
            raise _unsealed(error) from error
        except requests.ConnectTimeout as error:
            raise Unreachable(reason="connect_timeout") from error
        except requests.Timeout as error:
            raise TimedOut() from error
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
            raise NotOurServer(reason="address") from error
        except (requests.RequestException, OSError) as error:
            raise Unreachable(reason=type(error).__name__) from error
        if not 200 <= answer.status_code < 300:
            raise _refusal(answer, body)
        return answer, body

    def _session(self) -> requests.Session:
        if self._opened is None:
            import requests

            self._opened = requests.Session()
            for scheme in ("http://", "https://"):
                self._opened.mount(scheme, _adapter())
            self._opened.trust_env = False  # proxies and certificates of the environment are not ours
            if self._token:
                self._opened.headers["Authorization"] = f"Bearer {self._token}"
        return self._opened


def _said(mark: str, wm: Watermark | None) -> str:
    """The state of the log that this phone knows, as a part of an address."""
    return f"{mark}wm={quote(wm.gen)},{wm.size},{wm.root}" if wm else ""


def _adapter() -> Any:
    """Connections whose send buffer is small."""
    from requests.adapters import HTTPAdapter

    options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)]

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
            super().init_poolmanager(*arguments, **named, socket_options=options)

    return Adapter()


class _Sized:
    """A body in pieces whose length is known beforehand."""

    def __init__(self, pieces: Iterable[bytes], size: int) -> None:
        self._pieces, self._size = pieces, size

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)


def _unsealed(error: BaseException) -> CasebookError:
    """What a fault of an encrypted connection means: it was cut, or somebody else answers."""
    import ssl

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)):
            return Unreachable(reason=type(cause).__name__)
        within = (one for one in cause.args if isinstance(one, BaseException))  # urllib3 wraps without a `from`
        cause = cause.__cause__ or cause.__context__ or next(within, None)
    return NotOurServer(reason="certificate")


def _announced(pack: Pack) -> dict[str, str]:
    said = f"pack {protocol.b64(pack.manifest.encode())}"
    return {"Upload-Length": str(pack.size), "Upload-Metadata": said}


def _bounded(answer: requests.Response, limit: int) -> bytes:
    """The body, unpacked, but never more than `limit` bytes of it in memory."""
    pieces, size = [], 0
    for piece in answer.iter_content(_PIECE):
        size += len(piece)
        if size > limit:
            raise NotOurServer(reason="endless")
        pieces.append(piece)
    return b"".join(pieces)


def _count(text: str | None, size: int) -> int:
    if text is None or not text.isdigit() or int(text) > size:
        raise NotOurServer(reason="offset")
    return int(text)


def _refusal(answer: requests.Response, body: bytes) -> CasebookError:
    """What an answer other than success means."""
    status = answer.status_code
    if answer.headers.get("Content-Type", "").startswith(_PROBLEM):
        # an answer to HEAD has no body to read
        return NoSuchFile() if answer.request.method == "HEAD" and status == 404 else _problem(body, status)
    by_status: dict[int, CasebookError] = {408: TimedOut(), 413: RequestTooLarge(), 429: ServerFault(status=429)}
    if status >= 500 and status != 511:  # 511: a captive portal asks to log in
        return ServerFault(status=status)
    return by_status.get(status) or NotOurServer(reason="status", status=status)


def _problem(body: bytes, status: int) -> CasebookError:
    try:
        said = json.loads(body)
        code = str(said["code"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ServerFault(status=status)
    facts = {name: value for name, value in said.items() if name not in _NOT_FACTS and name.isidentifier()}
    error = by_code(code, **facts)
    # Their disk is full, not ours: the sentence for the teacher is another one.
    return ServerFault(server_code=code) if isinstance(error, StorageError) else error
