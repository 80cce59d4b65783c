"""Both documents, line by line: what each line of their chapters on earning promises, and who keeps it.

`A27` is line 27 of the owner's first document (membership and points mall, preset `neighbours`), `B13` line 13 of the
second (points for cash, preset `fresh-life`). A line is kept by a walk (events in, points out, over HTTP), by a setting
of the preset, or elsewhere, by a test or a later part that is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeAlias

Told: TypeAlias = tuple[str, str, dict[str, Any]]
"""(type, time, data) of an event."""


class Walk(NamedTuple):
    """Events, and what their members have in the end. `change`: fields of rules by id, where the line is a variant."""

    line: str
    said: str
    told: Sequence[Told]
    points: dict[str, int]
    change: str = ""
    """A key of `CHANGES`."""


class Setting(NamedTuple):
    """A field of the preset (steps joined by dots) and its value."""

    line: str
    said: str
    field: str
    value: Any


class Elsewhere(NamedTuple):
    """What is not earning, or is proved by a test of its own: named."""

    line: str
    said: str
    where: str


Line: TypeAlias = Walk | Setting | Elsewhere
NOON = "12:00:00+08:00"
WEDNESDAY = date(2026, 11, 18)


def told(type_: str, on: date = WEDNESDAY, time: str = NOON, **data: Any) -> Told:
    """One event on a business date."""
    return type_, f"{on}T{time}", data


def order(
    member_id: str, fen: int, on: date = WEDNESDAY, order_id: str = "1", time: str = NOON, **data: Any
) -> Told:  # fmt: skip
    """A paid order."""
    return told("order.paid", on, time, member_id=member_id, order_id=f"{member_id}-{order_id}", paid_fen=fen, **data)


def completed(member_id: str, fen: int, on: date = WEDNESDAY) -> Told:
    """A collected order."""
    return told("order.completed", on, member_id=member_id, order_id=f"{member_id}-1", paid_fen=fen)


def check_ins(member_id: str, *days: int) -> list[Told]:
    """Check-ins so many days after a Sunday."""
    return [
        told("check_in", date(2026, 11, 1) + timedelta(days=day), "08:00:00+08:00", member_id=member_id) for day in days
    ]


def made_up(member_id: str, day: int) -> Told:
    """A missed day, so many days after a Sunday, made up for later (what it costs: `tests/flows/test_make_up`)."""
    return "check_in.made_up", f"2026-11-10T{NOON}", {"member_id": member_id, "on": f"{date(2026, 11, 1 + day)}"}


def shopping(member_id: str, *days: int, fen: int = 500) -> list[Told]:
    """An order so many days after a Sunday."""
    return [order(member_id, fen, date(2026, 11, 1) + timedelta(days=day), f"d{day}") for day in days]


def invited(friend: str, inviter: str) -> list[Told]:
    """A friend registers by an invitation and collects a first order."""
    return [
        told("member.registered", member_id=friend, inviter_id=inviter),
        order(friend, 2_000),
        completed(friend, 2_000),
    ]


def goods(*lines: tuple[str, int]) -> dict[str, Any]:
    """Lines of (category, fen)."""
    return {"lines": [{"sku": category, "category": category, "paid_fen": fen} for category, fen in lines]}


CHANGES: dict[str, dict[str, dict[str, Any]]] = {
    "on": {
        "city_benefits": {"paused": False},
        "birthday_month": {"paused": False},
        "community_day": {"paused": False},
        "weekend": {"paused": False},
    },
    "share 200": {"share": {"sharer_points": 200, "friend_points": 200}},
    "reward": {
        "reward": {
            "id": "reward", "kind": "fixed", "name": {"zh": "满百生鲜", "en": "Fresh food over ¥100"},
            "on": "order.paid", "limit": "order", "points": 100, "when": "paid_fen >= 10000 && 'fresh' in categories",
            "starts_at": "2026-11-01T00:00:00+08:00", "ends_at": "2026-12-01T00:00:00+08:00",
        }
    },
}  # fmt: skip
"""Variants of a preset: fields of rules by id; an id that is not there is a rule more."""

A: list[Line] = [
    Walk("A8", "不同城市可配置差异化权益", [
        told("member.tier_changed", date(2026, 11, 1), member_id="gold", tier="gold"),
        order("gold", 10_000, city="wuhu"), order("none", 10_000, city="wuhu"),
    ], {"gold": 150, "none": 100}, "on"),
    Elsewhere("A12", "普通会员:注册即得", "tiers are a later part; the preset names them"),
    Setting("A13", "银卡会员", "tiers.1.id", "silver"),
    Setting("A14", "金卡会员", "tiers.2.id", "gold"),
    Setting("A15", "黑钻会员", "tiers.3.id", "black"),
    Walk("A20", "生日礼包:当月发放", [
        told("member.registered", date(2026, 11, 1), member_id="born", birth_month=11),
        told("member.registered", date(2026, 11, 1), member_id="other", birth_month=10),
        order("born", 3_000), order("other", 3_000),
    ], {"born": 60, "other": 30}, "on"),
    Setting("A26", "积分可命名为“团豆”“邻里分”等", "title.zh", "邻里分"),
    Walk("A27", "每实付1元 = 1积分", [order("m", 3_099), order("m", 99, order_id="2")], {"m": 30}),
    Walk("A28", "首次开团:+50积分", [
        told("group.opened", member_id="m", group_id="g1"), told("group.formed", member_id="m", group_id="g1"),
        told("group.opened", member_id="m", group_id="g2"), told("group.formed", member_id="m", group_id="g2"),
        told("group.opened", member_id="alone", group_id="g3"), told("group.failed", member_id="alone", group_id="g3"),
    ], {"m": 50, "alone": 0}),
    Walk("A29", "成功邀请新用户:+100积分(被邀人完成首单后发放)", [
        *invited("b", "a"),
        told("member.registered", member_id="c", inviter_id="waits"), order("c", 2_000),
        told("member.registered", member_id="self", inviter_id="self"), completed("self", 2_000),
    ], {"a": 100, "b": 20, "waits": 0, "c": 20, "self": 0}),
    Walk("A30", "商品评价(带图):+10积分/条", [
        told("review.created", member_id="m", review_id="r1", with_picture=True),
        told("review.created", member_id="m", review_id="r2", with_picture=True),
        told("review.created", member_id="m", review_id="r3"),
    ], {"m": 20}),
    Walk("A31", "连续7天额外奖励50积分", [
        *check_ins("m", *range(7)), *check_ins("short", *range(6)), *check_ins("gap", 0, 1, 2, 4, 5, 6, 7),
        *check_ins("long", *range(14)), *check_ins("twice", 0, 0, 1, 2, 3, 4, 5),
        *check_ins("late", 0, 1, 2, 4, 5, 6), made_up("late", 3),
    ], {"m": 50, "short": 0, "gap": 0, "long": 100, "twice": 0, "late": 50}),
    Walk("A32", "参与C2M投票:+5积分/次", [
        told("vote.cast", member_id="m", vote_id="v1"), told("vote.cast", member_id="m", vote_id="v2"),
    ], {"m": 10}),
    Setting("A33", "积分按日结算,T+1到账", "settle_after_days", 1),
    Setting("A41", "积分自获得起12个月内有效,滚动过期", "validity_months", 12),
    Setting("A42", "到期前15天推送消息,“您有320积分即将过期”", "reminders.expiry_days_ahead", 15),
    Elsewhere("A43", "不支持用户间转让", "tests/stories/test_documents.py: no such operation"),
    Elsewhere("A44", "同一设备短时大量获取积分自动冻结并人工审核", "risk is a later part; caps by device: A57"),
    Elsewhere("A49", "自动化任务引擎:监听用户行为事件", "every walk here: events in, points out"),
    Setting("A52", "团队积分", "wallets.1", "team"),
    Walk("A54", "如“本小区会员日”,团长可申请额外积分加倍", [
        order("in", 3_000, date(2026, 12, 12), community_id="community-1"),
        order("out", 3_000, date(2026, 12, 12), community_id="community-2"),
        order("late", 3_000, date(2026, 12, 13), community_id="community-1"),
    ], {"in": 60, "out": 30, "late": 30}, "on"),
    Walk("A57", "同一手机号/IP/设备限制每日积分上限;虚假订单不计积分", [
        order("early", 300_000, time="09:00:00+08:00", device_id="d"), order("late", 300_000, device_id="d"),
        order("one", 300_000, time="09:00:00+08:00", phone_hash="p"), order("same", 300_000, phone_hash="p"),
        order("next day", 300_000, date(2026, 11, 19), device_id="d"),
        *(order(f"wifi{at}", 499_000, time=f"{at + 8:02}:00:00+08:00", ip="10.0.0.1") for at in range(11)),
        order("fake", 9_000), told("order.cancelled", member_id="fake", order_id="fake-1"),
    ], {
        "early": 3_000, "late": 2_000, "one": 3_000, "same": 2_000, "next day": 3_000,
        "wifi9": 4_990, "wifi10": 100, "fake": 0,
    }),
    Elsewhere("A58", "新积分规则先在小城市试点,验证效果后再全量", "rollouts"),
    Elsewhere("A59", "积分按公允价值计提负债,兑换时冲销", "accounting is a later part"),
    Walk("A61", "首次下单支付30元,获得30积分", [order("a", 3_000)], {"a": 30}),
    Walk("A62", "次日邀请邻居B参团,B完成首单,A获得100积分", [
        order("a", 3_000, date(2026, 11, 2)),
        told("member.registered", date(2026, 11, 3), member_id="b", inviter_id="a"),
        order("b", 2_000, date(2026, 11, 3)), completed("b", 2_000, date(2026, 11, 4)),
    ], {"a": 130, "b": 20}),
    Walk("A63", "连续签到7天,再得50积分,总积分180", [
        order("a", 3_000, date(2026, 11, 2)),
        told("member.registered", date(2026, 11, 3), member_id="b", inviter_id="a"),
        completed("b", 2_000, date(2026, 11, 4)), *check_ins("a", *range(4, 11)),
    ], {"a": 180}),
]  # fmt: skip

B: list[Line] = [
    Elsewhere("B12", "根据消费金额、消费频次、评价分享等行为设置不同积分奖励", "B13, B14, B15, B179, B180"),
    Walk("B13", "每消费1元得1积分", [order("m", 3_099)], {"m": 30}),
    Walk("B14", "连续7天购物,额外奖励500积分", [
        *shopping("m", *range(7)), *shopping("gap", 0, 1, 2, 4, 5, 6, 7),
    ], {"m": 35 + 500, "gap": 35}),
    Walk("B15", "双方各得200积分", [
        told("share.converted", member_id="m", share_id="s", friend_id="f", order_id="f-1"),
        told("share.converted", member_id="self", share_id="s", friend_id="self", order_id="self-1"),
    ], {"m": 200, "f": 200, "self": 0}, "share 200"),
    Walk("B47", "单日通过消费获得的积分不超过5000分", [
        order("m", 600_000), order("two", 300_000), order("two", 300_000, order_id="2"),
        order("days", 300_000), order("days", 300_000, date(2026, 11, 19), "2"),
    ], {"m": 5_000 + 100, "two": 5_000 + 100, "days": 6_000 + 100}),
    Setting("B48", "积分有效期为12个月", "validity_months", 12),
    Elsewhere("B49", "设备指纹、IP地址、下单频率", "risk is a later part; caps by device and address: A57"),
    Setting("B74", "每发放1积分,平台就承担了未来抵扣1分钱的成本", "budget.points_per_yuan", 100),
    Setting("B76", "每月积分发放总额不超过销售额的2%", "budget.sales_basis_points", 200),
    Elsewhere("B77", "积分抽奖、积分兑换实物", "the mall is a later part"),
    Elsewhere("B78", "由供应商承担部分积分抵扣成本", "deduction is a later part; a rule names its funder"),
    Walk("B119", "规则条件 min_amount 100, product_type fresh; 奖励 points 100", [
        order("m", 10_000, **goods(("fresh", 4_000), ("grain", 6_000))),
        order("small", 9_999, **goods(("fresh", 9_999))), order("dry", 10_000, **goods(("grain", 10_000))),
        order("late", 10_000, date(2026, 12, 1), **goods(("fresh", 10_000))),
    ], {"m": 100 + 40 + 100, "small": 99 + 99, "dry": 100, "late": 200}, "reward"),
    Walk("B179", "注册即送500积分", [told("member.registered", member_id="m")], {"m": 500}),
    Walk("B180", "“连续签到7天奖励”、“月度消费满额奖励”", [
        *check_ins("m", *range(7)),
        order("buys", 30_000, date(2026, 11, 3)), order("buys", 20_000, date(2026, 11, 25), "2"),
        order("less", 49_999, date(2026, 11, 3)),
        order("split", 30_000, date(2026, 11, 3)), order("split", 30_000, date(2026, 12, 1), "2"),
    ], {"m": 70 + 50, "buys": 500 + 100, "less": 499, "split": 600}),
    Setting("B181", "“积分即将过期”提醒,并附带专属抵扣券,唤醒沉睡用户", "reminders.silent_after_days", 30),
    Walk("B183", "春节、中秋等节日,推出“双倍积分”活动", [
        order("spring", 3_000, date(2026, 2, 17)), order("after", 3_000, date(2026, 2, 24)),
        order("autumn", 3_000, date(2026, 9, 25)),
        order("both", 3_000, date(2026, 9, 25), **goods(("fresh", 3_000))),
    ], {"spring": 60, "after": 30, "autumn": 60, "both": 60}),
    Walk("B184", "针对生鲜、日用品等高频品类,设置“积分翻倍”活动", [
        order("m", 6_000, **goods(("fresh", 1_050), ("daily_goods", 2_050), ("grain", 2_900))),
    ], {"m": 60 + 10 + 20}),
    Walk("B185", "邀请人和被邀请人各得200积分", invited("b", "a"), {"a": 200, "b": 200 + 20 + 500}),
    Walk("B201", "消费1元得1积分", [order("m", 100_00)], {"m": 100}),
    Walk("B202", "每日签到得10积分(连续签到额外奖励)", [
        *check_ins("m", *range(7)), *check_ins("twice", 0, 0), *check_ins("one", 3),
        *check_ins("late", 0, 1, 2, 4, 5, 6), made_up("late", 3),
    ], {"m": 70 + 50, "twice": 10, "one": 10, "late": 60 + 50}),
    Walk("B203", "好友下单后双方各得50积分", [
        told("share.converted", member_id="m", share_id="s", friend_id="f", order_id="f-1"), order("f", 2_000),
    ], {"m": 50, "f": 50 + 20}),
    Walk("B206", "周末特惠", [
        order("sat", 3_000, date(2026, 11, 21)), order("fri", 3_000, date(2026, 11, 20)),
    ], {"sat": 45, "fri": 30}, "on"),
    Setting("B207", "首次使用积分抵扣,额外赠送50积分", "deduction.first_deduction_bonus_points", 50),
    Walk("B209", "单日积分获取上限5000分", [
        order("m", 499_000, time="09:00:00+08:00"), told("check_in", time="10:00:00+08:00", member_id="m"),
        told("member.registered", member_id="m"),
    ], {"m": 5_000 + 100}),
    Setting("B210", "积分有效期12个月", "validity_months", 12),
    Walk("B211", "异常订单(如1元订单)不计入积分", [order("one", 100), order("more", 101)], {"one": 0, "more": 1}),
    Setting("B223", "定期评估积分发放总量,控制在销售额的2%以内", "budget.pause_percent", 100),
    Elsewhere("B225", "设置“积分助手”功能,实时提示可获得的积分", "the assistant"),
    Elsewhere("B227", "积分错发可快速修正", "corrections"),
]  # fmt: skip

CHAPTERS = {
    "A": {8, 12, 13, 14, 15, 20, *range(26, 34), 41, 42, 43, 44, 49, 52, 54, 57, 58, 59, 61, 62, 63},
    "B": {12, 13, 14, 15, 47, 48, 49, 74, 76, 77, 78, 119, 179, 180, 181, 183, 184, 185, *range(201, 204), 206, 207,
          209, 210, 211, 223, 225, 227},
}  # fmt: skip
"""The lines that speak of earning, its protections and its terms. Headings and what only spends are not among them."""
