"""An encrypted connection that is cut is no connection; one that somebody else answers is not our server's."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from casebook.errors import NotOurServer, Unreachable
from casebook.packs import Pack, PackedFile
from fieldapp.sync.http import HttpConversation

PHOTO = bytes(4_000_000)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that signs itself, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def trusted(own: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, known to this phone as it knows the public authorities."""
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(own))
    return own


@contextmanager
def answering(own: Path, say: Callable[[socket.socket], object]) -> Iterator[HttpConversation]:
    """A phone's line to a server that does `say` with every connection, and then is gone without a word."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)

    def serve() -> None:
        with suppress(OSError):
            while True:
                line, _ = server.accept()
                with suppress(OSError), context.wrap_socket(line, server_side=True) as sealed:
                    say(sealed)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        talk = HttpConversation(f"https://127.0.0.1:{server.getsockname()[1]}", "t")
        yield talk
        talk.close()
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_a_line_that_is_cut_while_a_photo_goes_up_is_unreachable(trusted: Path) -> None:
    """Nothing is wrong with the server: the phone tries again, and goes on where the cut was."""
    pack = Pack((PackedFile("0" * 64, len(PHOTO), "image/jpeg"),))
    with answering(trusted, lambda line: line.recv(50_000)) as talk, pytest.raises(Unreachable) as raised:
        talk.send_pack(pack, 0, iter([PHOTO]), fresh=True)
    assert raised.value.retry


def test_a_line_that_is_cut_in_the_middle_of_an_answer_is_unreachable(trusted: Path) -> None:
    said = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"ser'
    with answering(trusted, lambda line: (line.recv(4096), line.sendall(said))) as talk, pytest.raises(Unreachable):
        talk.hello()


def test_a_certificate_of_nobody_we_know_is_not_our_server(own: Path) -> None:
    with answering(own, lambda line: line.recv(4096)) as talk, pytest.raises(NotOurServer) as raised:
        talk.hello()
    assert raised.value.facts == {"reason": "certificate"}


def test_a_server_that_does_not_encrypt_is_not_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def plain() -> None:
            line, _ = server.accept()
            with line:
                line.recv(4096)
                line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=plain)
        thread.start()
        with pytest.raises(NotOurServer):
            HttpConversation(f"https://127.0.0.1:{server.getsockname()[1]}").hello()
        thread.join()
