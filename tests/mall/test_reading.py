"""A file of items against those that there are; pictures told from what only looks like one. Pure."""

from __future__ import annotations

import base64
import zlib
from struct import pack
from typing import Any

import pytest

from linli.mall import ImportLine, PictureTooLarge, PictureUnreadable, look_at, read_csv
from linli.mall.reading import compare
from linli.mall.types import Limit
from tests.mall.goods import item

HEADING = "sku,title_zh,title_en,category,price_points,worth_fen,cost_fen,stock"
GOOD = "T1,抽纸,Tissues,daily,100,990,320,50"


def lines(text: str, **known: Any) -> list[ImportLine]:
    return list(compare(read_csv(text.encode()), known))


def faults(line: ImportLine) -> list[tuple[str, str]]:
    return [(fault.column, fault.code) for fault in line.faults]


def test_a_new_item() -> None:
    (line,) = lines(f"{HEADING}\n{GOOD}\n\n")
    assert (line.no, line.act, line.sku, line.title, line.stock, line.faults) == (1, "new", "T1", "抽纸", 50, ())
    assert line.terms is not None and (line.terms.price_points, line.terms.kind) == (100, "goods")


def test_what_is_there_changes_where_a_cell_says_so() -> None:
    there = item(sku="T1", supplier="s1", limits=(Limit("day", 1),))
    (line,) = lines(
        "sku,price_points,supplier,limit_month,limit_day,stock,cities,title_en\nT1,120,-,3,-,12,杭州 | 宁波,Paper",
        T1=there,
    )  # fmt: skip
    assert (line.act, line.revision) == ("change", 1)
    assert line.differs == ("title", "price_points", "supplier", "cities", "limits", "stock")
    assert line.terms is not None and line.terms.cities == ("杭州", "宁波") and line.terms.supplier is None
    assert line.terms.limits == (Limit("month", 3),) and line.terms.title.zh == there.terms.title.zh
    (same,) = lines("sku,price_points,stock,supplier\nT1,100,10,\n", T1=there)
    assert (same.act, same.differs) == ("same", ())


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("T1,抽纸,Tissues,daily,1e3,990,320,50", [("price_points", "import_value")]),
        ("T1,抽纸,Tissues,daily,-5,990,320,50", [("price_points", "import_value")]),
        ("T1,抽纸,Tissues,daily,0,990,320,x", [("price_points", "import_value"), ("stock", "import_value")]),
        ("T1,抽纸,Tissues,,100,990,320,50", [("category", "import_missing")]),
        ("T1,抽纸,,daily,100,990,320,50", [("title_en", "import_missing")]),
        ("T1,抽纸,Tissues,daily,100,990,320", [("", "import_cells")]),
        (",抽纸,Tissues,daily,100,990,320,50", [("sku", "import_missing")]),
        (f"T1,{'纸' * 65},Tissues,daily,100,990,320,50", [("title_zh", "import_value")]),
    ],
)
def test_what_is_wrong_is_told_by_cell(row: str, wrong: list[tuple[str, str]]) -> None:
    (line,) = lines(f"{HEADING}\n{row}")
    assert (line.act, faults(line)) == ("faulty", wrong)


def test_what_does_not_fit_together_or_comes_twice_is_faulty() -> None:
    told = lines(f"{HEADING},kind,sourcing\n{GOOD},coupon,standard\nT2{GOOD[2:]},goods,near_expiry\n{GOOD},goods,odd")
    assert [faults(line) for line in told] == [
        [("coupon_template_id", "template_of_coupon")],
        [("best_before", "no_best_before")],
        [("sku", "import_twice"), ("sourcing", "import_value")],
    ]
    (short,) = lines("sku,stock\nT1,8\n", T1=item(sku="T1", stock=None))
    assert short.act == "change"
    (line,) = lines("sku,stock\nT1,8\n", T1=_taken())
    assert faults(line) == [("stock", "import_stock")]


def _taken() -> Any:
    from linli.mall import Stock

    return item(Stock(10, 4, 5), sku="T1")


def png(width: int = 2, height: int = 3) -> bytes:
    """A small picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x40\xa0\x60" * width for _ in range(height)) if width * height < 100 else b""
    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x05\x00\x07\x01\x01\x11\x00\xff\xda\x00\x02data\xff\xd9"
WEBP = base64.b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")


def test_pictures_are_told_by_their_bytes() -> None:
    assert look_at(png()) == ("image/png", 2, 3)
    assert look_at(JPEG) == ("image/jpeg", 7, 5)
    assert look_at(WEBP) == ("image/webp", 1, 1)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", png()[:-1], png() + b"<script>", JPEG[:-2],
        png().replace(b"IDAT", b"IDAX"), WEBP + b"x", WEBP[:20], b"\x89PNG\r\n\x1a\n" + b"\xff" * 30, png(0, 3),
        b"\xff\xd8\xff" + b"\xff\xd9",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_picture_is_none(body: bytes) -> None:
    with pytest.raises(PictureUnreadable):
        look_at(body)


def test_pictures_have_a_measure() -> None:
    assert look_at(png(4096, 4096)).width == 4096
    for large in (png(4097, 1), b"x" * (1024 * 1024 + 1)):
        with pytest.raises(PictureTooLarge):
            look_at(large)
