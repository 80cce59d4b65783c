"""Sentences: every rule of every kind reads well in both languages, whatever it says, and hides nothing."""

from __future__ import annotations

import string
from typing import Any

import pytest

from linli.kit.resources import resource
from linli.kit.texts import texts
from linli.rules import Programme, decode_programme
from linli.rules.sentences import sentence, sentences
from linli.rules.sentences_deduction import deduction_sentences
from tests.rules.build import BASE, programme

NAMED = {"name": {"zh": "下单积分", "en": "Points for orders"}}
TERMS = "次日到账，有效期12个月。", " Credited the next day, valid for 12 months."

BEST = (
    "，与其他「加倍活动」不叠加，每件商品取最高的一项。",
    ", not on top of other “bonus campaigns”: the best counts on each line.",
)


def _preset(name: str) -> Programme:
    return decode_programme((resource("presets") / f"{name}.yaml").read_bytes())


@pytest.mark.parametrize(
    ("preset", "rule", "zh", "en"),
    [
        ("neighbours", "base", "支付订单后，每实付1元得1积分。", "When an order is paid: 1 point for every ¥1 paid."),
        ("neighbours", "first_group", "成团后，得50积分，每人仅一次。",
         "When a group is formed: 50 points, once for each member."),
        ("neighbours", "invitation", "受邀好友完成首单后，邀请人得100积分。",
         "When an invited friend completes a first order, the inviter gets 100 points."),
        ("neighbours", "picture_review", "发表评价后，评价带图时，得10积分。",
         "When a review is published, if the review has a picture: 10 points."),
        ("neighbours", "check_in_streak", "连续签到每满7天得50积分。",
         "50 points for every 7 days in a row with a check-in."),
        ("neighbours", "vote", "参与投票后，得5积分。", "When a vote is cast: 5 points."),
        ("fresh-life", "base", "支付订单后，每实付1元得1积分，订单实付须满1.01元。",
         "When an order is paid: 1 point for every ¥1 paid, for orders of ¥1.01 or more."),
        ("fresh-life", "registration", "注册后，得500积分，每人仅一次。",
         "When a member registers: 500 points, once for each member."),
        ("fresh-life", "daily_check_in", "签到后，得10积分，每人每天最多一次。",
         "When a member checks in: 10 points, at most once a day."),
        ("fresh-life", "shopping_streak", "连续下单每满7天得500积分，实付不满1.01元的订单不算。",
         "500 points for every 7 days in a row with an order, orders below ¥1.01 do not count."),
        ("fresh-life", "invitation", "受邀好友完成首单后，邀请人得200积分，受邀人得200积分，实付不满1.01元的订单不算。",
         "When an invited friend completes a first order, the inviter gets 200 points and the friend 200 points, "
         "orders below ¥1.01 do not count."),
        ("fresh-life", "share", "好友经分享链接下单后，分享人得50积分，好友得50积分，实付不满1.01元的订单不算。",
         "When a friend orders through a shared link, the sharer gets 50 points and the friend 50 points, "
         "orders below ¥1.01 do not count."),
        ("fresh-life", "spring_festival_2026", "2026年2月7日至2026年2月23日，「消费积分」按双倍计" + BEST[0],
         "From 7 Feb 2026 to 23 Feb 2026: “Points for orders” count twice" + BEST[1]),
        ("fresh-life", "double_fresh", "生鲜类商品的「消费积分」按双倍计" + BEST[0],
         "“Points for orders” count twice for fresh food" + BEST[1]),
        ("fresh-life", "weekend", "（已暂停）周末，「消费积分」按1.5倍计" + BEST[0],
         "(Paused) At weekends: “Points for orders” count 1.5 times" + BEST[1]),
    ],
)  # fmt: skip
def test_presets(preset: str, rule: str, zh: str, en: str) -> None:
    said = sentences(_preset(preset))[rule]
    assert (said.zh, said.en) == (zh + TERMS[0], en + TERMS[1])


def test_a_goal_is_credited_after_its_month() -> None:
    said = sentences(_preset("fresh-life"))["monthly_goal"]
    assert (
        said.zh == "一个自然月内实付满500元（扣除退款）得100积分，实付不满1.01元的订单不算。次月1日到账，有效期12个月。"
    )
    assert said.en.endswith(
        "refunds taken off, orders below ¥1.01 do not count. "
        "Credited on the first of the next month, valid for 12 months."
    )


@pytest.mark.parametrize("preset", ["neighbours", "fresh-life"])
def test_every_rule_of_a_preset_has_a_sentence(preset: str) -> None:
    document = _preset(preset)
    found = sentences(document)
    assert list(found) == [rule.id for rule in document.rules]
    for said in found.values():
        assert "{" not in said.zh + said.en and said.zh.endswith("。") and said.en.endswith(".")


def _say(rule: dict[str, Any], **fields: Any) -> tuple[str, str]:
    document = programme({**BASE, **NAMED}, rule, **fields)
    said = sentence(document.rules[1], document)
    return said.zh, said.en


def test_all_that_a_rule_can_say() -> None:
    zh, en = _say(
        {
            "id": "r", "kind": "fixed", "on": ["group.formed", "group.joined"], "points": 1000, "limit": "month",
            "when": "size >= 3 && city in ['hangzhou', \"suzhou\"]", "cities": ["hangzhou", "suzhou"],
            "weekdays": [5, 1], "starts_at": "2026-11-22T18:30:00+08:00", "ends_at": "2026-12-01T00:00:00+08:00",
            "wallet": "team", "funder": "brand {x}", "settle_after_days": 15, "validity_months": 1,
        }
        | {"on": "group.formed"},
    )  # fmt: skip
    assert zh == (
        "2026年11月22日 18:30至2026年11月30日，限hangzhou、suzhou，逢周一、周五，成团后，"
        "成团人数不小于3且城市是「hangzhou」或「suzhou」之一时，得1,000积分（记入团队积分），每人每月最多一次。"
        "15天后到账，有效期1个月，由「brand {x}」承担。"
    )
    assert en == (
        "From 18:30 on 22 Nov 2026 to 30 Nov 2026, in hangzhou and suzhou only, on Mondays and Fridays, "
        "when a group is formed, if the size of the group is 3 or more and the city is one of “hangzhou” or “suzhou”: "
        "1,000 points (into team points), at most once a month. "
        "Credited after 15 days, valid for 1 month, paid for by “brand {x}”."
    )


@pytest.mark.parametrize(
    ("when", "zh", "en"),
    [
        ("paid_fen >= 10050", "实付金额不小于100.50元时", "if the amount paid is ¥100.50 or more"),
        ("'fresh' in categories && !has_device", "订单含生鲜类商品且没有设备信息时",
         "if the order has fresh food and the device is not known"),
        ("hour < 9 || hour > 20", "满足条件 `hour < 9 || hour > 20` 时", "if `hour < 9 || hour > 20`"),
        ("paid_fen > 5 && hour < 9 || hour > 20", "满足条件 `paid_fen > 5 && hour < 9 || hour > 20` 时", None),
        ("paid_fen > 5 && (hour < 9)", "满足条件 `paid_fen > 5 && (hour < 9)` 时", None),
        ("paid_fen % 2 ==  1", "满足条件 `paid_fen % 2 == 1` 时", "if `paid_fen % 2 == 1`"),
        ("city == ''", "满足条件 `city == ''` 时", "if `city == ''`"),
        ("city != 'a\\'b'", "满足条件 `city != 'a\\'b'` 时", "if `city != 'a\\'b'`"),
        ("tags.exists(t, t == '{x}')", "满足条件 `tags.exists(t, t == '{x}')` 时", "if `tags.exists(t, t == '{x}')`"),
    ],
)  # fmt: skip
def test_a_condition_is_said_only_when_all_of_it_can_be(when: str, zh: str, en: str | None) -> None:
    said = _say({"id": "r", "kind": "fixed", "on": "order.paid", "points": 5, "when": when})
    assert said[0].startswith(f"支付订单后，{zh}，得5积分。")
    assert en is None or said[1].startswith(f"When an order is paid, {en}: 5 points.")


@pytest.mark.parametrize(
    ("rule", "zh"),
    [
        ({"kind": "per_amount", "points": 3, "per_fen": 250, "on": ["order.paid", "order.completed"],
          "lines": {"categories": ["dairy"], "tags": ["promotion", "new"]}},
         "支付订单或订单完成后，带促销或「new」标签的「dairy」类商品每实付2.50元得3积分。"),
        ({"kind": "multiplier", "of": "base", "factor": {"times": 4, "per": 3}, "min_order_fen": 500},
         "「下单积分」按4/3倍计，订单实付须满5元。"),
        ({"kind": "multiplier", "of": "base", "factor": {"times": 2}, "on": "order.paid", "lines": {"tags": ["new"]}},
         "支付订单后，带「new」标签的商品的「下单积分」按双倍计。"),
        ({"kind": "invitation", "invitee_points": 5}, "受邀好友完成首单后，受邀人得5积分。"),
        ({"kind": "share", "friend_points": 5, "weekdays": [1, 2, 3, 4, 5]},
         "周一至周五，好友经分享链接下单后，好友得5积分。"),
        ({"kind": "share", "sharer_points": 5, "weekdays": [1, 2, 3, 4, 5, 6, 7]},
         "好友经分享链接下单后，分享人得5积分。"),
        ({"kind": "share", "sharer_points": 5, "wallet": "team"},
         "好友经分享链接下单后，分享人得5积分（记入团队积分）。"),
        ({"kind": "fixed", "on": "check_in", "points": 1, "ends_at": "2026-11-22T00:00:01+08:00"},
         "截至2026年11月22日 00:00:01（不含），签到后，得1积分。"),
        ({"kind": "fixed", "on": "check_in", "points": 1, "starts_at": "2026-12-31T16:00:00Z",
          "ends_at": "2027-01-01T16:00:00Z"}, "2027年1月1日当天，签到后，得1积分。"),
        ({"kind": "fixed", "on": "check_in", "points": 1, "starts_at": "0001-01-01T00:00:00+14:00",
          "ends_at": "9999-12-31T23:59:59-11:00"}, "1年1月1日至9999年12月31日 23:59:59（不含），签到后，得1积分。"),
    ],
)  # fmt: skip
def test_kinds_and_their_corners(rule: dict[str, Any], zh: str) -> None:
    assert _say({"id": "r", **rule})[0] == zh + TERMS[0]


TIERS = [
    {"id": "silver", "name": {"zh": "银卡", "en": "Silver"}},
    {"id": "gold", "name": {"zh": "金卡", "en": "Gold"}},
]
CELLS = [
    {"tier": "gold", "city": "hangzhou", "factor": {"times": 3}},
    {"tier": "silver", "factor": {"times": 3, "per": 2}},
    {"city": "wuhu", "factor": {"times": 5, "per": 4}},
]
BY_TIER = {
    "id": "m",
    "kind": "multiplier",
    "of": "base",
    "matrix": {"cells": CELLS, "otherwise": {"times": 6, "per": 5}},
}


def test_a_matrix_is_said_cell_by_cell() -> None:
    said = _say({**BY_TIER, "lines": {"categories": ["fresh"]}}, tiers=TIERS)
    assert said == (
        "生鲜类商品的「下单积分」按等级和城市计：hangzhou的金卡 3倍；银卡 1.5倍；wuhu 1.25倍；其他 1.2倍。" + TERMS[0],
        "“Points for orders” count for fresh food by tier and city: Gold in hangzhou 3 times; Silver 1.5 times; "
        "in wuhu 1.25 times; otherwise 1.2 times." + TERMS[1],
    )
    gift = {"id": "f", "kind": "fixed", "on": "vote.cast", "wallet": "team"}
    cells = [{"city": f"c{at}", "points": at} for at in range(1, 15)]
    zh, en = _say({**gift, "matrix": {"cells": cells}}, tiers=TIERS)
    assert zh.endswith("c12 12积分；另有2项（记入团队积分）。" + TERMS[0])
    assert "in c1 1 point; in c2 2 points" in en and "; 2 more (into team points). " in en


@pytest.mark.parametrize(
    ("fields", "zh", "en"),
    [
        ({"stacking": {"groups": [{"id": "g", "combine": "best", "name": {"zh": "节日", "en": "Festivals"}}]}},
         "与其他「节日」不叠加，每件商品取最高的一项",
         "not on top of other “Festivals”: the best counts on each line"),
        ({"stacking": {"groups": [{"id": "g", "combine": "multiply"}]}},
         "与「g」中的其他倍数相乘", "multiplied with others of “g”"),
        ({"stacking": {"across": "multiply", "groups": [{"id": "g", "combine": "add"}]}},
         "与其他活动的倍数相乘", "multiplied with other groups"),
        ({"stacking": {"groups": [{"id": "g", "combine": "add"}]}, "rounding": {"mode": "half_up", "per": "line"}},
         "逐行四舍五入取整", "rounded to the nearest point line by line"),
    ],
)  # fmt: skip
def test_how_a_multiplier_stacks_and_rounds(fields: dict[str, Any], zh: str, en: str) -> None:
    double = {"id": "d", "kind": "multiplier", "of": "base", "factor": {"times": 2}, "group": "g"}
    assert _say(double, **fields) == (
        f"「下单积分」按双倍计，{zh}。{TERMS[0]}",
        f"“Points for orders” count twice, {en}.{TERMS[1]}",
    )


def test_tiers_are_said_by_their_names() -> None:
    gift = {"id": "f", "kind": "fixed", "on": "order.paid", "points": 5}
    assert _say({**gift, "when": "tier in ['gold', 'silver'] && birthday_month"}, tiers=TIERS)[0].startswith(
        "支付订单后，会员等级是金卡或银卡之一且当月是会员的生日月时，得5积分。"
    )


@pytest.mark.parametrize(("days", "zh"), [(0, "当月最后一天到账"), (1, "次月1日到账"), (9, "月末后9天到账")])
def test_goals_by_their_settlement(days: int, zh: str) -> None:
    goal = {"id": "r", "kind": "goal", "threshold_fen": 1, "points": 1, "settle_after_days": days}
    assert zh in _say(goal, validity_months=1)[0]


def test_a_faulty_rule_is_said_too() -> None:
    whole = programme(BASE, {"id": "d", "kind": "multiplier", "of": "base", "factor": {"times": 2}})
    alone = decode_programme(b'{"name": "a", "title": {"zh": "a", "en": "a"}}')
    assert sentence(whole.rules[1], alone).zh.startswith("「base」按双倍计。")


def test_the_texts_have_the_same_placeholders_in_both_languages() -> None:
    for key, said in texts("sentences").items():
        fields = {language: {field for _, field, _, _ in string.Formatter().parse(said[language]) if field}
                  for language in ("zh", "en")}  # fmt: skip
        if key != "date":  # the month is a number here and a name there
            assert fields["zh"] == fields["en"], key


def test_what_points_take_off_is_said_rate_by_rate() -> None:
    rate = {
        "id": "vip", "name": {"zh": "金卡周末", "en": "Gold weekend"}, "points": 3, "fen": 1, "weekdays": [6, 7],
        "tiers": ["gold"], "cities": ["wuhu"], "categories": ["fresh"], "cap_percent": 50,
        "funders": [{"funder": "f1", "percent": 40}],
    }  # fmt: skip
    test = {**rate, "id": "b", "arms": ["b"], "funders": []}
    policy = {
        "rates": [rate, test], "line_cap_percent": 30, "order_cap_percent": 20, "most_fen_per_order": 2_050,
        "min_points": 100, "step_points": 10, "first_deduction_bonus_points": 1,
        "excluded": {"skus": ["a", "b"], "categories": ["wine"]},
        "experiment": {"salt": "s", "arms": [{"id": "b", "percent": 50}]},
    }  # fmt: skip
    tiers = [{"id": "gold", "name": {"zh": "金卡", "en": "Gold"}}]
    said = deduction_sentences(programme(BASE, deduction=policy, tiers=tiers))
    assert [text.zh for text in said] == [
        "普通商品，100积分抵1元。",
        "「金卡周末」，周末，限wuhu，金卡会员，生鲜类商品，3积分抵0.01元，每件商品最多抵价格的50%，40%由「f1」承担。",
        "「金卡周末」，周末，限wuhu，金卡会员，实验组「b」，生鲜类商品，3积分抵0.01元，每件商品最多抵价格的50%。",
        "每件商品最多抵价格的30%，每单最多抵订单金额的20%，每单最多抵20.50元，每单至少使用100积分，以10积分为单位使用，首次抵扣返1积分。",
        "不参加抵扣：「wine」、2种指定商品。",
    ]
    told = deduction_sentences(programme(BASE, deduction=policy, tiers=tiers), to_members=True)
    assert [text.en for text in told][1:3] == [
        "“Gold weekend”, at weekends, in wuhu only, for Gold members, fresh food, 3 points take ¥0.01 off, at most 50% "
        "of the price of an item.",
        "At most 30% of the price of an item, at most 20% of the order, at most ¥20.50 an order, at least 100 points "
        "an order, in steps of 10 points, a first deduction brings 1 point back.",
    ]
    free = deduction_sentences(programme(BASE, deduction={"order_cap_percent": 100}))
    assert free[-1].en == "Up to the whole price."
