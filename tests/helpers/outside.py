"""Those who vouch for a head, as servers: a witness by the text of C2SP tlog-witness, and OpenSSL as an authority."""

import base64
import shutil
import subprocess
import threading
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from facewarden.detector.ledger.merkle import consistent
from facewarden.detector.ledger.note import read_checkpoint, read_note
from facewarden.detector.ledger.public_keys import COSIGNATURE, Verifier, cosignature, verifier

NAME, TIME = "witness.example/w1", 1_790_000_000


class Server(BaseHTTPRequestHandler):
    def answer(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(content)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - so it is called there
        """Nothing."""


@contextmanager
def serving(handler: type[Server]) -> Generator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


class Witness:
    """It cosigns what continues the last head that it has seen of the ledger.

    Attributes:
        seen: how many entries it has, and their root.
        asked: with which old sizes it was asked.
    """

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.seen, self.asked = (0, b""), list[int]()

    @property
    def verifier(self) -> Verifier:
        return verifier(NAME, self.key, COSIGNATURE)

    def serving(self) -> AbstractContextManager[str]:
        witness = self

        class Handler(Server):
            def do_POST(self) -> None:
                self.answer(*witness.judge(self.body()) if self.path == "/add-checkpoint" else (404, "text/plain", b""))

        return serving(Handler)  # type: ignore[return-value]

    def judge(self, question: bytes) -> tuple[int, str, bytes]:
        head, _, checkpoint = question.partition(b"\n\n")
        first, *lines = head.decode().split("\n")
        old, note = int(first.removeprefix("old ")), read_note(checkpoint)
        new = read_checkpoint(note.text)
        self.asked.append(old)
        if old != self.seen[0]:
            return 409, "text/x.tlog.size", f"{self.seen[0]}\n".encode()
        if not consistent(old, new.size, [base64.b64decode(line) for line in lines], self.seen[1], new.root):
            return 422, "text/plain", b"the proof does not hold"
        self.seen = new.size, new.root
        return 200, "text/plain", str(cosignature(note.text, NAME, self.key, COSIGNATURE, TIME)).encode()


_CONFIG = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[tsa]
extendedKeyUsage = critical,timeStamping
[tsa_config]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


class Authority:
    """OpenSSL's time stamps, of a certificate that stands below one of its own.

    Args:
        folder: for its files; empty.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "config").write_text(_CONFIG)
        (folder / "serial").write_text("01\n")
        for name in ("ca", "tsa"):
            subject = ["-subj", f"/CN={name}", "-config", "config", "-nodes", "-newkey", "ec"]
            self._openssl("req", "-new", *subject, "-pkeyopt", "ec_paramgen_curve:P-256", *_files(name))
        signed = ["-days", "2", "-extfile", "config"]
        self._openssl("x509", "-req", "-in", "ca.csr", "-key", "ca.key", "-out", "ca.pem", *signed, "-extensions", "ca")
        by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]
        self._openssl("x509", "-req", "-in", "tsa.csr", *by, "-out", "tsa.pem", *signed, "-extensions", "tsa")

    @property
    def certificate(self) -> Path:
        return self.folder / "ca.pem"

    def stamp(self, question: bytes) -> bytes:
        (self.folder / "question").write_bytes(question)
        with_key = ["-signer", "tsa.pem", "-inkey", "tsa.key"]
        config = ["-config", "config", "-section", "tsa_config"]
        self._openssl("ts", "-reply", "-queryfile", "question", *config, *with_key, "-out", "answer")
        return (self.folder / "answer").read_bytes()

    def serving(self) -> AbstractContextManager[str]:
        authority = self

        class Handler(Server):
            def do_POST(self) -> None:
                self.answer(200, "application/timestamp-reply", authority.stamp(self.body()))

        return serving(Handler)  # type: ignore[return-value]

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)


def _files(name: str) -> list[str]:
    return ["-keyout", f"{name}.key", "-out", f"{name}.csr"]


HAS_OPENSSL = shutil.which("openssl") is not None
