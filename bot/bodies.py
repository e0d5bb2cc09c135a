"""Bodies of answers over HTTP, plain or gzip: few bytes may hold very many, and no more are taken than were asked for."""

import zlib

import aiohttp

from pricing.sources import FaultCode, FetchError
from pricing.sources.money import shortened


async def read_body(response: aiohttp.ClientResponse, *, most_bytes: int, place: str) -> bytes:
    """The decoded body, read in pieces and no further than `most_bytes`, whatever its headers say.

    Faults call it `place`. Raises FetchError, zlib.error where it is no gzip though it says so, and
    ClientPayloadError where it ends too early.
    """
    gunzip = _gunzip(response, place)
    body = bytearray()
    arrived = 0
    async for piece in response.content.iter_any():
        arrived += len(piece)
        body += gunzip.decode(piece, most=most_bytes + 1 - len(body)) if gunzip else piece
        # Compressed bytes count as well: members that hold nothing could go on forever.
        if max(arrived, len(body)) > most_bytes:
            response.close()
            raise FetchError(
                FaultCode.TOO_LARGE,
                f"`{place}` is too large (over {most_bytes:,} bytes); "
                "look whether its URL is right",
            )
    if gunzip and not gunzip.whole:
        raise aiohttp.ClientPayloadError
    return bytes(body)


def _gunzip(response: aiohttp.ClientResponse, place: str) -> "_Gunzip | None":
    """What decodes the body; None where it comes plain."""
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip"):
        return _Gunzip()
    raise FetchError(
        FaultCode.ENCODING,
        f"`{place}` is compressed by `{shortened(encoding)}`, though `gzip` was asked for; "
        "look whether its URL is right",
    )


class _Gunzip:
    """Decodes gzip piece by piece, never to more than was asked for: few bytes may hold very many."""

    def __init__(self) -> None:
        self._member = _member()

    @property
    def whole(self) -> bool:
        """Whether the last member came to its end."""
        return self._member.eof

    def decode(self, piece: bytes, *, most: int) -> bytes:
        """Raises zlib.error where the bytes are no gzip."""
        decoded = bytearray()
        while piece and len(decoded) < most:
            if self._member.eof:
                self._member = _member()
            decoded += self._member.decompress(piece, most - len(decoded))
            piece = self._member.unused_data or self._member.unconsumed_tail
        return bytes(decoded)


def _member() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
