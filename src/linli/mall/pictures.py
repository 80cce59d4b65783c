"""Pictures of items: looked at before they are kept, so that only pictures are served as such."""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime
from struct import error as StructError
from struct import unpack_from
from typing import ClassVar, NamedTuple
from uuid import UUID

from uuid_utils.compat import uuid7

from linli.kit.db import Connection, fetch_one
from linli.kit.errors import NotFound, Refusal
from linli.mall import store

MOST_BYTES = 1024 * 1024
MOST_PIXELS_A_SIDE = 4096
_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG segments that say how large it is."""


class PictureUnreadable(Refusal):
    """It is no PNG, JPEG or WebP, or not a whole one. No fields."""

    code: ClassVar[str] = "picture_unreadable"


class PictureTooLarge(Refusal):
    """It has too many bytes, or pixels. Fields: `most_bytes`, `most_pixels_a_side`."""

    code: ClassVar[str] = "picture_too_large"


class PictureNotFound(NotFound):
    """There is no such picture. Fields: `picture_id`."""

    code: ClassVar[str] = "picture_not_found"


class Looks(NamedTuple):
    """What a picture is."""

    media_type: str
    width: int
    height: int


def look_at(body: bytes) -> Looks:
    """What the bytes are, whatever they are called. Pure. Raises PictureUnreadable, PictureTooLarge."""
    if len(body) > MOST_BYTES:
        raise PictureTooLarge(most_bytes=MOST_BYTES, most_pixels_a_side=MOST_PIXELS_A_SIDE)
    try:
        found = _png(body) or _jpeg(body) or _webp(body)
    except (IndexError, StructError):  # it ends before it should
        raise PictureUnreadable from None
    if found is None or not (found.width and found.height):
        raise PictureUnreadable
    if max(found.width, found.height) > MOST_PIXELS_A_SIDE:
        raise PictureTooLarge(most_bytes=MOST_BYTES, most_pixels_a_side=MOST_PIXELS_A_SIDE)
    return found


def _png(body: bytes) -> Looks | None:
    """Chunk by chunk, each with its checksum, to the end and no further."""
    if not body.startswith(_PNG):
        return None
    at, width, height, has_data = len(_PNG), 0, 0, False
    while True:
        (size,) = unpack_from(">I", body, at)
        kind = body[at + 4 : at + 8]
        (checksum,) = unpack_from(">I", body, at + 8 + size)
        if zlib.crc32(body[at + 4 : at + 8 + size]) != checksum:
            return None
        if kind == b"IHDR":
            width, height = unpack_from(">II", body, at + 8)
        has_data |= kind == b"IDAT"
        at += 12 + size
        if kind == b"IEND":
            return Looks("image/png", width, height) if has_data and at == len(body) else None


def _jpeg(body: bytes) -> Looks | None:
    """Segment by segment to the scan; it must end as a picture does."""
    if not (body.startswith(b"\xff\xd8\xff") and body.endswith(b"\xff\xd9")):
        return None
    at, found = 2, None
    while body[at] == 0xFF:
        mark = body[at + 1]
        (size,) = unpack_from(">H", body, at + 2)
        if mark in _FRAMES:
            height, width = unpack_from(">HH", body, at + 5)
            found = Looks("image/jpeg", width, height)
        if mark == 0xDA:
            return found
        if size < 2:
            return None
        at += 2 + size
    return None


def _webp(body: bytes) -> Looks | None:
    """RIFF of the length that it says, and the first chunk's size."""
    if body[:4] != b"RIFF" or body[8:12] != b"WEBP" or unpack_from("<I", body, 4)[0] != len(body) - 8:
        return None
    kind = body[12:16]
    if kind == b"VP8 " and body[23:26] == b"\x9d\x01\x2a":
        width, height = unpack_from("<HH", body, 26)
        return Looks("image/webp", width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L" and body[20] == 0x2F:
        (bits,) = unpack_from("<I", body, 21)
        return Looks("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8X":
        return Looks("image/webp", int.from_bytes(body[24:27], "little") + 1, int.from_bytes(body[27:30], "little") + 1)
    return None


async def add_picture(conn: Connection, body: bytes, *, by: str, at: datetime) -> tuple[UUID, Looks]:
    """Keep a picture; the same bytes again are the same picture. Raises PictureUnreadable, PictureTooLarge."""
    looks = look_at(body)
    digest = hashlib.blake2b(body, digest_size=32).digest()
    row = {"picture_id": uuid7(), "media_type": looks.media_type, "width": looks.width, "height": looks.height}
    await conn.execute(store.ADD_PICTURE, {**row, "digest": digest, "body": body, "by": by, "at": at})
    found = await fetch_one(conn, store.PICTURE_LIKE, {"digest": digest})
    assert found is not None, "it is there now, whoever was first"
    return found[0], looks


async def get_picture(conn: Connection, picture_id: UUID) -> tuple[str, bytes]:
    """(media type, bytes). Raises PictureNotFound."""
    row = await fetch_one(conn, store.PICTURE, {"picture_id": picture_id})
    if row is None:
        raise PictureNotFound(picture_id=str(picture_id))
    return row[0], bytes(row[1])
