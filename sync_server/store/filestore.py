"""Where whole files lie: on this computer's disk or in a bucket of an S3 server. Each is there once, by its hash.

A file is never changed and never removed. Whoever puts one in has looked at its bytes; what is in survives a power cut.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from hashlib import sha256 as hash_of
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from sync_server.store.durable import Altered, can_sync_disk, copy, make_folder, sync, sync_disk, sync_folder

READ_BYTES = 256 * 1024
#: How often a bucket is asked again before it counts as out of reach, and how long a request may take.
RETRIES = {"max_retries": 3}
CLIENT = {"connect_timeout": "5s", "timeout": "30s"}
REMEMBERED = 50_000
FILES = "files"

#: Where a part lies whose bytes were checked, and its hash.
Checked = tuple[str, str]


class FileStore(Protocol):
    """The files of a deployment. Every name is a checked hash, never a client's text. Any thread may call it.

    FileNotFoundError says that there is no such file, any other OSError that the store cannot be reached or is full.
    """

    def holds(self, sha256: str, size: int) -> bool:
        """Whether the whole file is there with the right length."""

    def take_in(self, parts: Sequence[Checked]) -> None:
        """Makes files of parts, durably; then the parts are gone. A part that somebody else took in is no error.

        Raises Altered when a part is not what its hash says, OSError.
        """

    def put(self, path: Path, sha256: str) -> None:
        """Copies a file in from elsewhere, durably. Raises Altered when it is not what its hash says, OSError."""

    def read(self, sha256: str, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """The bytes from `first` to `last`, both included, piece by piece; it is found before this returns."""

    def at_hand(self, sha256: str) -> AbstractContextManager[Path]:
        """The file on this computer's disk, for those who read all of it; not to be changed."""


@dataclass(frozen=True)
class LocalFiles:
    """Files below a folder: `files/ab/<sha256>`."""

    root: Path

    def path(self, sha256: str) -> Path:
        """Where the file lies."""
        return self.root / FILES / sha256[:2] / sha256

    def holds(self, sha256: str, size: int) -> bool:
        """Whether the whole file is there with the right length."""
        try:
            return os.stat(self._place(sha256)).st_size == size
        except OSError:
            return False

    def take_in(self, parts: Sequence[Checked]) -> None:
        """Sync, final name, sync of the folder; of many parts with one wait for the disk where the system can do that.

        A file that lies there already is replaced only by one that is durable.
        """
        if len(parts) == 1 or not can_sync_disk():
            for part, sha256 in parts:
                self._keep_unless_kept(part, sha256)
            return
        for part, sha256 in parts:
            final = self._place(sha256)
            if os.path.exists(final):
                self._keep_unless_kept(part, sha256)
            else:
                _rename(part, final)
        sync_disk(self.root / FILES)

    def put(self, path: Path, sha256: str) -> None:
        """Copies a file in; the folders are synced by whoever puts in many."""
        self.path(sha256).parent.mkdir(parents=True, exist_ok=True)
        copy(path, self.path(sha256), sha256)

    def read(self, sha256: str, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """The bytes, piece by piece."""
        file = self.path(sha256).open("rb")

        def pieces() -> Iterator[bytes]:
            with file:
                file.seek(first)
                left = None if last is None else last - first + 1
                while piece := file.read(READ_BYTES if left is None else min(READ_BYTES, left)):
                    left = None if left is None else left - len(piece)
                    yield piece

        return pieces()

    def at_hand(self, sha256: str) -> AbstractContextManager[Path]:
        """Where it lies. Whoever opens it finds out whether it does."""
        return nullcontext(self.path(sha256))

    def _place(self, sha256: str) -> str:
        """The same as `path`, for those who ask often."""
        return os.path.join(self.root, FILES, sha256[:2], sha256)

    def _keep_unless_kept(self, part: str, sha256: str) -> None:
        final = self.path(sha256)
        with suppress(FileNotFoundError):  # somebody else brought the same part in a moment ago
            sync(part)
            make_folder(final.parent)
            os.replace(part, final)
            sync_folder(final.parent)


def _rename(part: str, final: str) -> None:
    """Gives a part its final name; one that is not there was taken in by somebody else."""
    try:
        os.replace(part, final)
    except FileNotFoundError:  # or it is the first in its folder
        os.makedirs(os.path.dirname(final), exist_ok=True)
        with suppress(FileNotFoundError):
            os.replace(part, final)


class BucketFiles:
    """Files in a bucket, under the same names; `client` is an object store of obstore.

    That a file is there is remembered: files stay as they are, and every question is a way to the bucket and back.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._there: dict[str, int] = {}

    def holds(self, sha256: str, size: int) -> bool:
        """Whether the whole file is there with the right length. Raises OSError when nobody can say."""
        import obstore

        if sha256 not in self._there:
            try:
                with _as_os_errors(sha256):
                    self._note(sha256, obstore.head(self._client, _key(sha256))["size"])
            except FileNotFoundError:
                return False
        return self._there.get(sha256) == size

    def take_in(self, parts: Sequence[Checked]) -> None:
        """Puts each; the server answers when it has it for good."""
        for part, sha256 in parts:
            with suppress(FileNotFoundError):  # somebody else brought the same part in a moment ago
                self.put(Path(part), sha256)
                Path(part).unlink(missing_ok=True)

    def put(self, path: Path, sha256: str) -> None:
        """Looks at the bytes once more and puts exactly those."""
        import obstore

        content = path.read_bytes()
        if hash_of(content).hexdigest() != sha256:
            raise Altered(sha256)
        with _as_os_errors(sha256):
            obstore.put(self._client, _key(sha256), content, use_multipart=False)
        self._note(sha256, len(content))

    def read(self, sha256: str, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """The bytes, piece by piece, asked for as a range when not all are wanted."""
        import obstore

        wanted: Any = {"range": {"offset": first} if last is None else (first, last + 1)}
        with _as_os_errors(sha256):
            found = obstore.get(self._client, _key(sha256), options=wanted if first or last is not None else None)
            stream = found.stream(min_chunk_size=READ_BYTES)

        def pieces() -> Iterator[bytes]:
            with _as_os_errors(sha256):
                for piece in stream:
                    yield bytes(piece)

        return pieces()

    @contextmanager
    def at_hand(self, sha256: str) -> Iterator[Path]:
        """A copy that is thrown away afterwards."""
        with tempfile.TemporaryDirectory(prefix="jiafang-") as folder:
            path = Path(folder) / sha256
            with path.open("wb") as file:
                for piece in self.read(sha256):
                    file.write(piece)
            sync(path)  # a backup may keep this very copy
            yield path

    def _note(self, sha256: str, size: int) -> None:
        if len(self._there) >= REMEMBERED:
            self._there.clear()
        self._there[sha256] = size


@dataclass(frozen=True)
class Bucket:
    """How to get at a bucket: `url` is s3://name/prefix; no `endpoint` means Amazon's own."""

    url: str
    endpoint: str
    region: str
    key: str
    secret: str


def in_bucket(bucket: Bucket) -> BucketFiles:
    """The files of a bucket. Nothing is sent yet."""
    from obstore.store import S3Store

    place = urlsplit(bucket.url)
    if place.scheme != "s3" or not place.netloc:
        raise ValueError("a bucket is named like s3://name/prefix")
    config: Any = {"region": bucket.region, "virtual_hosted_style_request": not bucket.endpoint}
    if bucket.endpoint:
        config["endpoint"] = bucket.endpoint
    if bucket.key:
        config |= {"access_key_id": bucket.key, "secret_access_key": bucket.secret}
    options: Any = CLIENT | {"allow_http": bucket.endpoint.startswith("http://")}
    retries: Any = RETRIES
    prefix = place.path.strip("/") or None
    store = S3Store(place.netloc, prefix=prefix, config=config, client_options=options, retry_config=retries)
    return BucketFiles(store)


def digest_of(files: FileStore, sha256: str) -> str:
    """SHA-256 of what lies under a name. Raises what `read` does."""
    found = hash_of()
    for piece in files.read(sha256):
        found.update(piece)
    return found.hexdigest()


def _key(sha256: str) -> str:
    return f"{FILES}/{sha256[:2]}/{sha256}"


@contextmanager
def _as_os_errors(sha256: str) -> Iterator[None]:
    """What a bucket says, as a disk would say it; its own words may hold addresses and are not passed on."""
    from obstore.exceptions import BaseError, NotFoundError

    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise FileNotFoundError(errno.ENOENT, "not in the bucket", sha256) from error
    except BaseError as error:
        raise OSError(errno.EIO, f"the bucket: {type(error).__name__}", sha256) from error
