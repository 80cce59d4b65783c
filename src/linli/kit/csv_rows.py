"""A CSV file as rows: UTF-8 with or without a mark, the first row naming the columns. What is wrong with the file as a
whole is refused here; what is wrong with a row is for whoever knows what the rows mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from typing import ClassVar

from linli.kit.errors import Refusal

_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class CsvEncoding(Refusal):
    """The file is not UTF-8. Fields: `looks_like`: GBK, UTF-16 or unknown."""

    code: ClassVar[str] = "csv_encoding"


class CsvColumns(Refusal):
    """The first row does not name the columns. Fields: `unknown`, `missing`, `known`."""

    code: ClassVar[str] = "csv_columns"


class CsvMalformed(Refusal):
    """It cannot be read as CSV. Fields: `row`, `reason`."""

    code: ClassVar[str] = "csv_malformed"


def read_rows(body: bytes) -> Iterator[list[str]]:
    """The rows of a file, as they come. Raises CsvEncoding, CsvMalformed."""
    reader = csv.reader(io.StringIO(_text(body), newline=""), strict=True)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise CsvMalformed(row=reader.line_num, reason=str(error)[:200]) from None


def column_names(first: Sequence[str], known: Collection[str], needed: Collection[str]) -> list[str]:
    """The names of the columns, as the `first` row says them. Raises CsvColumns."""
    names = [cell.strip().lower() for cell in first]
    unknown = [name for name in names if name not in known]
    lacking = [name for name in needed if name not in names]
    if unknown or lacking or len({*names}) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise CsvColumns(unknown=[name[:64] for name in [*unknown, *twice]][:20], missing=lacking, known=list(known))
    return names


def _text(body: bytes) -> str:
    """Raises CsvEncoding, telling what it looks like: spreadsheets in Chinese like to save GBK."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if looks_like := _MARKS.get(body[:2]):
        raise CsvEncoding(looks_like=looks_like)
    try:
        body.decode("gb18030")
    except UnicodeDecodeError:
        raise CsvEncoding(looks_like="unknown") from None
    raise CsvEncoding(looks_like="GBK")
