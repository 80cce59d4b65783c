"""The wheel by itself: its numbers are fair, its limits hold, and a log is found out that was tampered with."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from linli import lottery
from linli.lottery import LoggedDraw, Prize, Said, Terms, Verdict, Verifier, Wheel
from linli.lottery.types import MILLION

SEED = bytes(range(32))
CAMPAIGN = UUID("0193a1c2-8f00-7000-8000-0000000000d1")
START = datetime(2026, 12, 1, tzinfo=UTC)
TODAY = date(2026, 12, 2)
NAME = Said("奖品", "Prize")


def prize(prize_id: str, odds_ppm: int, kind: Any = "points", **more: Any) -> Prize:
    return Prize(prize_id, NAME, kind, odds_ppm, **{"points": 20 if kind == "points" else None, **more})


def terms(*prizes: Prize, **more: Any) -> Terms:
    return Terms(NAME, 100, START, START + timedelta(days=9), prizes, **more)


NINE = terms(
    prize("gift", 500, "goods", stock=3, item_id="i"), prize("free", 1_500, "coupon", template_id="t"),
    prize("p500", 8_000), prize("p200", 20_000), prize("p100", 70_000), prize("p50", 150_000), prize("p20", 250_000),
    prize("p5", 200_000), prize("thanks", 300_000, "nothing"), minimum_prize_id="p5", guarantee_every=10,
)  # fmt: skip


KNOWN = [0xF59836F1CFBB % MILLION, 0x3053A5297E95 % MILLION]


def test_a_ticket_is_what_it_is_on_every_machine() -> None:
    """Reckoned with another's tool: `printf '…' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0001…1f`."""
    assert lottery.ticket_of(SEED, str(CAMPAIGN), "ab" * 16, 1, "nonce-01") == KNOWN[0]
    assert lottery.ticket_of(SEED, str(CAMPAIGN), "ab" * 16, 2, "nonce-01") == KNOWN[1]


def test_a_million_draws_fit_the_odds() -> None:
    """χ² over the prizes, and over a thousand equal cells of tickets: neither is beyond what chance makes of it."""
    wheel, cells, won = Wheel(NINE), Counter[int](), Counter[str]()
    for number in range(1, MILLION + 1):
        ticket = lottery.ticket_of(SEED, "c", "m", number, "n")
        cells[ticket // 1_000] += 1
        won[wheel.drawn(ticket).prize_id] += 1
    found = lottery.chi_square([won[one.prize_id] for one in NINE.prizes], [one.odds_ppm for one in NINE.prizes])
    even = lottery.chi_square([cells[cell] for cell in range(1_000)], [1_000] * 1_000)
    assert found is not None and found.degrees == 8 and 0.001 < found.p_value < 0.999, found
    assert even is not None and even.degrees == 999 and 0.001 < even.p_value < 0.999, even


def test_odds_that_do_not_hold_are_found() -> None:
    observed = [520, 1_500, 8_000, 20_000, 70_000, 150_000, 250_000, 199_000, 300_980]
    found = lottery.chi_square(observed, [one.odds_ppm for one in NINE.prizes])
    assert found is not None and found.p_value > 0.05
    observed[0], observed[8] = 700, 300_800  # 700 gifts where 500 were promised
    found = lottery.chi_square(observed, [one.odds_ppm for one in NINE.prizes])
    assert found is not None and found.p_value < 1e-9


@pytest.mark.parametrize(
    ("statistic", "degrees", "chance"),
    [(3.841459, 1, 0.05), (6.634897, 1, 0.01), (5.991465, 2, 0.05), (7.814728, 3, 0.05), (18.307038, 10, 0.05),
     (29.588298, 10, 0.001), (124.342113, 100, 0.05), (1074.679449, 1_000, 0.05), (0.0, 4, 1.0)],
)  # fmt: skip
def test_chances_are_those_of_the_tables(statistic: float, degrees: int, chance: float) -> None:
    """Upper points as in the tables of the NIST/SEMATECH handbook, 1.3.6.7.4."""
    assert lottery.beyond(statistic, degrees) == pytest.approx(chance, rel=1e-5)


def test_few_draws_say_nothing() -> None:
    assert lottery.chi_square([3, 1], [500_000, 500_000]) is None
    merged = lottery.chi_square([10, 90, 0], [100_000, 899_999, 1])
    assert merged is not None and merged.degrees == 1


@st.composite
def campaigns(draw: st.DrawFn) -> Terms:
    """Terms with stocks, a budget, a guarantee: any that may be published."""
    count = draw(st.integers(1, 5))
    cuts = sorted(draw(st.lists(st.integers(0, MILLION), min_size=count, max_size=count)))
    odds = [end - begin for begin, end in zip([0, *cuts], [*cuts, MILLION], strict=True)]
    prizes = [
        prize(f"p{place}", odds[place], draw(st.sampled_from(["points", "nothing", "coupon"])),
              stock=draw(st.none() | st.integers(0, 4)), cost_fen=0)
        for place in range(count)
    ]  # fmt: skip
    prizes = [replace(one, cost_fen=0 if one.kind == "nothing" else draw(st.integers(0, 30))) for one in prizes]
    least = prize("least", odds[count], draw(st.sampled_from(["points", "nothing"])))
    least = replace(least, cost_fen=0 if least.kind == "nothing" else draw(st.integers(0, 5)))
    every = draw(st.none() | st.integers(1, 4)) if least.kind == "points" else None
    budget = draw(st.none() | st.integers(5, 200))
    return terms(*prizes, least, minimum_prize_id="least", guarantee_every=every, budget_fen=budget)


def play(of: Terms, tickets: list[int]) -> tuple[list[LoggedDraw], Wheel]:
    """A log as the shop writes it, of as many draws as the budget allows, by three members."""
    wheel, log, numbers = Wheel(of), [], Counter[str]()
    for place in range(len(tickets)):
        if not wheel.affords():
            break
        member = "abc"[place % 3] * 32
        numbers[member] += 1
        nonce = f"nonce-{tickets[place]}"
        ticket = lottery.ticket_of(SEED, str(CAMPAIGN), member, numbers[member], nonce)
        turn = wheel.turn(ticket, numbers[member])
        wheel.give(turn)
        log.append(
            LoggedDraw(place + 1, member, numbers[member], nonce, ticket, turn.drawn.prize_id, turn.given.prize_id,
                       turn.why, TODAY)
        )  # fmt: skip
    return log, wheel


def verify(of: Terms, log: list[LoggedDraw], draws: int | None = None, seed: bytes = SEED) -> Verdict:
    public = lottery.public_terms(CAMPAIGN, of)
    verifier = Verifier(public, lottery.terms_hash(public), hashlib.sha256(SEED).digest(), seed)
    verifier.draw(log)
    return verifier.verdict(len(log) if draws is None else draws)


@given(of=campaigns(), tickets=st.lists(st.integers(0, MILLION - 1), max_size=40))
@settings(max_examples=100)
def test_stock_budget_and_guarantee_hold_and_an_honest_log_is_verified(of: Terms, tickets: list[int]) -> None:
    log, wheel = play(of, tickets)
    for one in of.prizes:
        assert one.stock is None or wheel.won[one.prize_id] <= one.stock
    assert of.budget_fen is None or wheel.cost_fen <= of.budget_fen
    for line in log:
        if of.guarantee_every and line.number % of.guarantee_every == 0:
            assert of.prize(line.prize_id).kind != "nothing"
    assert verify(of, log).faults == 0
    assert len(log) == len(tickets) or not wheel.affords()


def test_whoever_tampers_is_found_out() -> None:
    log, _ = play(NINE, list(range(300)))
    assert verify(NINE, log).complaints == []

    def wrong(changed: list[LoggedDraw], **more: Any) -> set[str]:
        return {complaint.wrong for complaint in verify(NINE, changed, **more).complaints}

    def altered(place: int, **changes: Any) -> list[LoggedDraw]:
        return [*log[:place], replace(log[place], **changes), *log[place + 1 :]]

    assert "ticket" in wrong(altered(7, ticket=(log[7].ticket + 1) % MILLION))
    assert "ticket" in wrong(altered(7, nonce="another-nonce"))
    assert "ticket" in wrong(altered(7, member="d" * 32))
    assert "given" in wrong(altered(7, prize_id="gift", why="odds"))
    assert "given" in wrong(altered(7, prize_id="p5", why="stock"))  # a prize was kept back
    assert "given" in wrong(altered(7, prize_id="p500", why="budget"))
    assert {"number", "seq"} <= wrong(log[:7] + log[8:])  # a draw was struck out
    assert "missing" in wrong(log[:-1], draws=len(log))
    assert "seed_hash" in wrong(log, seed=bytes(32))
    other = lottery.public_terms(CAMPAIGN, terms(*NINE.prizes, minimum_prize_id="p5"))
    verifier = Verifier(other, lottery.terms_hash(lottery.public_terms(CAMPAIGN, NINE)), b"", SEED)
    assert "terms_hash" in {complaint.wrong for complaint in verifier.verdict(0).complaints}


def test_a_budget_that_was_used_up_stays_used_up() -> None:
    """What only the shop knows is counted as unchecked; but a prize that was too dear once is not given later."""
    of = terms(prize("dear", 600_000, cost_fen=50), prize("least", 400_000), minimum_prize_id="least", budget_fen=120)
    log, _ = play(of, list(range(40)))
    verdict = verify(of, log)
    assert (verdict.faults, verdict.given["dear"]) == (0, 2) and verdict.unchecked > 5
    last = max(place for place, line in enumerate(log) if line.why == "budget")
    log[last] = replace(log[last], prize_id="dear", why="odds")
    assert [complaint.wrong for complaint in verify(of, log).complaints] == ["given"]


def test_limits_of_members_are_verified() -> None:
    of = replace(NINE, draws_a_day=3, draws_a_member=4)
    log, _ = play(of, list(range(13)))  # the first of three members has drawn five times
    wrong = Counter(complaint.wrong for complaint in verify(of, log).complaints)
    assert wrong == {"day_limit": 4, "member_limit": 1}


KEY = lottery.key_of("a key")


def test_a_seed_is_sealed_by_its_key_and_for_its_campaign() -> None:
    sealed = lottery.new_seed(KEY, "c1")
    opened = lottery.open_seed(KEY, "c1", sealed)
    assert hashlib.sha256(opened.seed).digest() == sealed.seed_hash and opened.seed != sealed.seed
    assert "seed" not in repr(opened) and opened.seed.hex() not in repr(opened)
    assert opened.digest_of("ann") != opened.digest_of("bob")
    assert lottery.open_seed(KEY, "c2", lottery.new_seed(KEY, "c2")).digest_of("ann") != opened.digest_of("ann")
    for key, campaign in ((lottery.key_of("another"), "c1"), (KEY, "c2")):
        with pytest.raises(lottery.SeedUnreadable):
            lottery.open_seed(key, campaign, sealed)


@pytest.mark.parametrize(
    ("of", "codes"),
    [
        (NINE, []),
        (terms(prize("a", 999_999)), ["odds_sum"]),
        (terms(prize("a", MILLION, points=None, stock=3)), ["missing", "minimum_missing"]),
        (terms(prize("a", MILLION), minimum_prize_id="b"), ["minimum_unknown"]),
        (terms(prize("a", MILLION, stock=1), minimum_prize_id="a"), ["minimum_limited"]),
        (terms(prize("a", MILLION, "nothing"), minimum_prize_id="a", guarantee_every=3), ["guarantee_of_nothing"]),
        (terms(prize("a", MILLION), guarantee_every=3), ["guarantee_of_nothing"]),
        (terms(prize("a", MILLION, cost_fen=9), minimum_prize_id="a", budget_fen=8), ["budget_below_minimum"]),
        (terms(prize("a", MILLION, "goods"), minimum_prize_id=None), ["missing", "goods_without_stock",
                                                                      "minimum_missing"]),
        (terms(prize("a", MILLION, "nothing", cost_fen=1)), ["nothing_costs"]),
        (terms(prize("a", MILLION, template_id="t")), ["of_another_kind"]),
        (replace(NINE, ends_at=START), ["ends_before_it_starts"]),
        (replace(NINE, starts_at=START - timedelta(days=9), ends_at=START), ["ends_in_the_past"]),
    ],
)  # fmt: skip
def test_a_draft_is_told_what_is_wrong_with_it(of: Terms, codes: list[str]) -> None:
    assert [fault.code for fault in lottery.faults(of, START + timedelta(hours=1))] == codes
