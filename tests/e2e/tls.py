"""TLS for the hosts of the browser walk: one certificate, and a relay in front of each plain HTTP server, as a proxy is."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CHUNK = 65_536


def certificate(folder: Path, *names: str) -> tuple[Path, Path]:
    """A self-signed certificate for these names, good for a week: the files of certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dental-crm tests")])
    now = datetime.now(UTC)
    usage = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment"), False)
    usage |= dict.fromkeys(("key_agreement", "crl_sign", "encipher_only", "decipher_only"), False)
    alternatives = [x509.DNSName(name) for name in names]
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=7))
        .add_extension(
            x509.SubjectAlternativeName([*alternatives, x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=True, **usage), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .sign(key, hashes.SHA256())
    )
    kept = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key.private_bytes(*kept))
    return files


class Relay:
    """Takes TLS on a port of its own and passes the bytes on to a port of 127.0.0.1, by the name that was called.

    Whoever calls a name that leads nowhere is hung up on, and whoever still talks when it no longer does: a CRM of an
    earlier test is gone.
    """

    def __init__(self, files: tuple[Path, Path]) -> None:
        self.port = 0
        self._ports: dict[str, int] = {}
        self._talking: dict[asyncio.StreamWriter, str] = {}
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(*files)
        self._tls.sni_callback = _note_name
        self._loop = asyncio.new_event_loop()

    @contextlib.contextmanager
    def leading(self, port: int, *names: str) -> Iterator[None]:
        """Let these names lead to a port until the block ends; what they led to before stands back meanwhile."""
        before = dict(self._ports)
        self._hang_up(names)
        self._ports.update(dict.fromkeys(names, port))
        try:
            yield
        finally:
            self._ports = before
            self._hang_up(names)

    @contextlib.contextmanager
    def running(self) -> Iterator[Relay]:
        """Relay in a thread until the block ends."""
        server = self._loop.run_until_complete(asyncio.start_server(self._take, "127.0.0.1", 0, ssl=self._tls))
        self.port = server.sockets[0].getsockname()[1]
        thread = threading.Thread(target=self._loop.run_forever, name=f"relay:{self.port}", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.run_until_complete(self._end(server))
            self._loop.close()

    async def _take(self, browser: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        name = getattr(back.get_extra_info("ssl_object"), "name_called", "")
        self._talking[back] = name
        try:
            await self._pass_on(browser, back, self._ports.get(name, 0))
        finally:
            del self._talking[back]

    async def _pass_on(self, browser: asyncio.StreamReader, back: asyncio.StreamWriter, port: int) -> None:
        with contextlib.closing(back), contextlib.suppress(OSError, ssl.SSLError):
            answer, ahead = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.closing(ahead):
                ways = [asyncio.ensure_future(_pour(browser, ahead)), asyncio.ensure_future(_pour(answer, back))]
                # whichever side hangs up ends both: a page that is left behind ends its stream
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    def _hang_up(self, names: Iterable[str]) -> None:
        for writer, name in list(self._talking.items()):
            if name in names:
                self._loop.call_soon_threadsafe(writer.transport.abort)

    async def _end(self, server: asyncio.Server) -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def _note_name(connection: Any, name: str | None, context: ssl.SSLContext) -> None:
    connection.name_called = name or ""


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await source.read(CHUNK):
            target.write(data)
            await target.drain()
