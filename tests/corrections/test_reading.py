"""A CSV file as lines: encodings told apart, columns by name, and each row's faults its own."""

from __future__ import annotations

from typing import Any

import pytest

from linli import corrections
from linli.corrections import Asked, read_csv
from linli.corrections import reading as module

FILE = "member_id,points,reason,wallet,grant_key\r\n张三,100,补发,points,\r\nm2,-30,,,\r\nm3,,误发,,order:o1:base\r\n"
LINES = [
    Asked("张三", 100, "points", None, "补发"), Asked("m2", -30), Asked("m3", None, None, "order:o1:base", "误发"),
]  # fmt: skip


def test_utf8_with_and_without_a_mark_is_the_same() -> None:
    assert read_csv(FILE.encode()) == read_csv(FILE.encode("utf-8-sig")) == LINES


@pytest.mark.parametrize(
    ("body", "looks_like"),
    [(FILE.encode("gbk"), "GBK"), (FILE.encode("gb18030"), "GBK"), (FILE.encode("utf-16"), "UTF-16"),
     (b"\xfe\xff" + FILE.encode("utf-16-be"), "UTF-16"), (b"member_id,points\n\xff\xff\xff,1\n", "unknown")],
)  # fmt: skip
def test_other_encodings_are_refused_and_named(body: bytes, looks_like: str) -> None:
    with pytest.raises(corrections.CsvEncoding) as refused:
        read_csv(body)
    assert refused.value.fields == {"looks_like": looks_like}


@pytest.mark.parametrize(
    ("heading", "unknown", "missing"),
    [("member,points", ["member"], ["member_id"]), ("member_id", [], ["points"]), ("", [], ["member_id", "points"]),
     ("member_id,points,points", ["points"], []), ("会员,积分", ["会员", "积分"], ["member_id", "points"]),
     ("member_id;points", ["member_id;points"], ["member_id", "points"])],
)  # fmt: skip
def test_the_first_row_names_the_columns(heading: str, unknown: list[str], missing: list[str]) -> None:
    with pytest.raises(corrections.CsvColumns) as refused:
        read_csv(f"{heading}\nm1,5\n".encode())
    assert (refused.value.fields["unknown"], refused.value.fields["missing"]) == (unknown, missing)


def test_columns_come_in_any_order_and_empty_rows_do_not_count() -> None:
    assert read_csv(b" Points , MEMBER_ID\n\n5,m1\n , \n+6, m2 \n") == [Asked("m1", 5), Asked("m2", 6)]


FAULTY: list[tuple[str, str, Any]] = [
    ("m1,1.5,", "line_points_unreadable", {"found": "1.5"}),
    ('m1,"1,000",', "line_points_unreadable", {"found": "1,000"}),
    ("m1,１００,", "line_points_unreadable", {"found": "１００"}),
    ("m1,-,", "line_points_unreadable", {"found": "-"}),
    ("m1,9999999999999999999,", "line_points_unreadable", {"found": "9999999999999999999"}),
    ("m1,5", "line_cells", {"found": 2, "expected": 3}),
    ("m1,5,why,more", "line_cells", {"found": 4, "expected": 3}),
    (f"{'m' * 129},5,", "line_text", {"column": "member_id", "most_characters": 128}),
    ("m\0,5,", "line_text", {"column": "member_id", "most_characters": 128}),
]


@pytest.mark.parametrize(("row", "code", "fields"), FAULTY)
def test_a_faulty_row_harms_no_other(row: str, code: str, fields: Any) -> None:
    before, found, after = read_csv(f"member_id,points,reason\na,1,\n{row}\nb,2,\n".encode())
    assert (before, after) == (Asked("a", 1), Asked("b", 2))
    assert found.fault == corrections.Fault(code, fields)
    assert "\0" not in found.member_id and len(found.member_id) <= 128


def test_what_is_no_csv_is_refused_with_its_row() -> None:
    with pytest.raises(corrections.CsvMalformed) as refused:
        read_csv(b'member_id,points\nm1,5\n"m2"x,5\n')
    assert refused.value.fields["row"] == 3


def test_too_many_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LINES", 2)
    assert len(read_csv(b"member_id,points\nm1,5\nm2,5\n\n")) == 2
    with pytest.raises(corrections.TooManyLines):
        read_csv(b"member_id,points\nm1,5\nm2,5\nm3,5\n")
