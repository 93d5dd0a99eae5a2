"""A browser reduced to what costs the server something: one kept connection, cookies, forms."""

import asyncio
import gzip
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

import brotli

ANSWER_SECONDS = 30
CSRF = re.compile(rb'name="csrf_token" value="([^"]+)"')


class BrowserError(Exception):
    """No answer, or one that is not HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """status; body decompressed; size: bytes of the body as they came over the wire."""

    status: int
    body: bytes
    size: int
    location: str


@dataclass(slots=True)
class Browser:
    """One visitor. Not for two requests at once.

    A request whose kept connection the server closed before a byte of the answer came is sent once
    more on a new one, as browsers and web servers in front do (RFC 9112, 9.3.1); `again` counts them.
    """

    host: str
    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    again: int = 0
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def get(self, path: str) -> Answer:
        return await self._send("GET", path, b"")

    async def post(self, path: str, fields: dict[str, object]) -> Answer:
        """Send a form with the token of the page that was read last."""
        form = urlencode({"csrf_token": self.token, **fields}, doseq=True).encode()
        return await self._send("POST", path, form)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _send(self, method: str, path: str, form: bytes) -> Answer:
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            "Accept-Encoding: gzip, br",
            f"Cookie: {'; '.join(f'{name}={value}' for name, value in self.cookies.items())}",
        ]
        if method == "POST":
            lines += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(form)}",
            ]
        message = "\r\n".join(lines).encode() + b"\r\n\r\n" + form
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._exchange(message)
        except TimeoutError:
            self.close()
            raise BrowserError(f"no answer in {ANSWER_SECONDS} s") from None
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            self.close()
            raise BrowserError(f"{type(error).__name__}: {error}") from None

    async def _exchange(self, message: bytes) -> Answer:
        kept = self._writer is not None
        if not kept:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        try:
            self._writer.write(message)
            head = await self._reader.readuntil(b"\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError) as error:
            if not kept or getattr(error, "partial", b""):
                raise
            self.close()
            self.again += 1
            return await self._exchange(message)
        return await self._read(head)

    async def _read(self, head: bytes) -> Answer:
        first, *lines = head[:-4].decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            if name.lower() == "set-cookie":
                cookie, _, content = value.strip().partition("=")
                self.cookies[cookie] = content.partition(";")[0]
            headers[name.lower()] = value.strip()
        body = await self._reader.readexactly(int(headers["content-length"]))
        if headers.get("connection", "").lower() == "close":
            self.close()
        size = len(body)
        encoding = headers.get("content-encoding")
        if encoding == "br":
            body = brotli.decompress(body)
        elif encoding == "gzip":
            body = gzip.decompress(body)
        found = CSRF.search(body)
        if found:
            self.token = found.group(1).decode()
        return Answer(int(first.split(" ", 2)[1]), body, size, headers.get("location", ""))
