"""What a coupon says of itself, in both languages."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pytest

from linli.api.coupon_views import Unfit, condition, off, unfit_reason
from linli.kit.texts import texts
from tests.coupons.test_discount import terms


@pytest.mark.parametrize(
    ("more", "zh", "en"),
    [
        ({"off_fen": 550}, "减5.50元", "¥5.50 off"),
        ({"kind": "percent", "percent_off": 20}, "8折", "20% off"),
        ({"kind": "percent", "percent_off": 15, "most_off_fen": 1000}, "8.5折，最多减10元", "15% off, up to ¥10"),
        ({"kind": "percent", "percent_off": 95}, "0.5折", "95% off"),
        ({"kind": "percent", "percent_off": 100}, "免单", "free of charge"),
        (
            {"kind": "percent", "percent_off": 100, "most_off_fen": 3000},
            "免单，最多减30元", "free of charge, up to ¥30",
        ),
    ],
)  # fmt: skip
def test_what_it_takes_off(more: dict[str, Any], zh: str, en: str) -> None:
    said = off(terms(**more))
    assert (said.zh, said.en) == (zh, en)


def test_from_which_sum_on() -> None:
    assert condition(terms(off_fen=1)).zh == "无门槛"
    assert condition(terms(off_fen=800, threshold_fen=3000)).zh == "满30元可用"


def test_every_reason_has_its_words() -> None:
    found = {code: unfit_reason(code, missing_fen=110, valid_from=date(2026, 12, 24)).text for code in get_args(Unfit)}
    assert found["threshold"].zh == "还差1.10元可用" and found["not_yet"].zh == "12月24日起可用"
    assert all("{" not in text.zh + text.en for text in found.values())
    assert {key.removeprefix("unfit.") for key in texts("coupons") if key.startswith("unfit.")} == set(found)
