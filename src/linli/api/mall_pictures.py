"""Pictures of the mall: uploaded by the shop, open to all, for ever the same."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from linli import mall
from linli.api.call import Call, for_anyone, needs
from linli.api.intake import BodyTooLarge
from linli.api.strict import StrictRequest
from linli.kit.db import Connection
from linli.mall import MOST_PICTURE_BYTES, PictureNotFound, PictureTooLarge, PictureUnreadable

KINDS = ("image/png", "image/jpeg", "image/webp")
_FOR_EVER = "public, max-age=31536000, immutable"
PictureId = Annotated[UUID, Parameter(description="The picture's id.")]


class Picture(msgspec.Struct, frozen=True):
    """A picture that is kept. `url` is what an item's `pictures` name."""

    picture_id: UUID
    url: str
    media_type: str
    width: int
    height: int


@post(
    "/pictures", opt=needs("mall:write", PictureUnreadable, PictureTooLarge, BodyTooLarge) | {"takes": KINDS},
    request_max_body_size=MOST_PICTURE_BYTES,
)  # fmt: skip
async def add_mall_picture(call: Call, request: StrictRequest) -> Picture:
    """Keep a picture: PNG, JPEG or WebP, one megabyte and 4,096 pixels a side at the most. What it is is told by its
    bytes; the same bytes again are the same picture."""
    try:
        body = await request.body()
    except HTTPException:
        raise BodyTooLarge(most_bytes=MOST_PICTURE_BYTES) from None

    async def work(conn: Connection) -> Picture:
        picture_id, looks = await mall.add_picture(conn, body, by=call.caller.name, at=call.stamp.at)
        return Picture(picture_id, f"/v1/mall/pictures/{picture_id}", *looks)

    return await call.run(work)


@get("/pictures/{picture_id:str}", opt=for_anyone(PictureNotFound) | {"gives": KINDS})
async def get_mall_picture(call: Call, picture_id: PictureId) -> Response[bytes]:
    """The picture, to be kept by whoever has it once: it never changes."""
    media_type, body = await call.read(lambda conn: mall.get_picture(conn, picture_id))
    headers = {
        "cache-control": _FOR_EVER, "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'",
    }  # fmt: skip
    return Response(body, media_type=media_type, headers=headers)


handlers = [add_mall_picture, get_mall_picture]
