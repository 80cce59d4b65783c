"""Faults that somebody might make in the ledger and the flows, as changes of text, each with tests that find it."""

from __future__ import annotations

from dataclasses import dataclass

MACHINE = "tests/ledger/test_state_machine.py"
INTERLEAVINGS = "tests/ledger/test_interleavings.py"
REVIEW = "tests/ledger/test_review.py"
SWEEP = "tests/flows/test_sweep.py"
CONCURRENCY = "tests/flows/test_intake_concurrency.py"
ORDER = "tests/flows/test_intake_order.py"
REGRESSIONS = "tests/flows/test_intake_regressions.py"

STORE = "src/linli/ledger/store.py"
ACCOUNT = "src/linli/ledger/account.py"
WALLETS = "src/linli/ledger/wallets.py"
LOSS = "src/linli/flows/loss.py"
LOSSES = "tests/flows/test_loss.py"
COUPONS = "tests/flows/test_coupons.py"


@dataclass(frozen=True)
class Defect:
    """`edits`: (file, old text, new text), each found exactly once. `tests` should kill it."""

    name: str
    edits: tuple[tuple[str, str, str], ...]
    tests: tuple[str, ...]


DEFECTS = [
    Defect(
        "the balance is read without its lock",
        (
            (
                "src/linli/ledger/store_wallets.py",
                "ON CONFLICT (member_id, wallet) DO UPDATE SET version = b.version WHERE false\n\"\"\"\n\nBALANCES_OF",
                "ON CONFLICT (member_id, wallet) DO NOTHING\n\"\"\"\n\nBALANCES_OF",
            ),
        ),
        (f"{CONCURRENCY}::test_of_sixty_four_holds_as_many_win_as_fit",),
    ),
    Defect(
        "a key is taken with any body",
        (("src/linli/ledger/keys.py", "if row[0] != digest:", "if False:"),),
        (MACHINE,),
    ),
    Defect(
        "the third lot is passed over when points are taken",
        (
            (
                ACCOUNT,
                "self.lots[key])\n            if part > 0:\n",
                "self.lots[key])\n            if part > 0 and key not in order[2:3]:\n",
            ),
        ),
        (MACHINE,),
    ),
    Defect(
        "the latest to lapse is spent first",
        ((ACCOUNT, "self.stamp.on and key != first)", "self.stamp.on and key != first)[::-1]"),),
        (MACHINE,),
    ),
    Defect(
        "settlement numbers its lines by a balance read before the lock",
        (
            (
                STORE,
                "    SELECT member_id, wallet, b.available - t.points AS available, b.version - t.n AS version\n"
                "    FROM balance b JOIN total t USING (member_id, wallet)\n",
                "    SELECT member_id, wallet, coalesce(o.available, 0) AS available,\n"
                "           coalesce(o.version, 0) AS version\n"
                "    FROM total t LEFT JOIN ledger_balance o USING (member_id, wallet)\n",
            ),
        ),
        (f"{INTERLEAVINGS}::test_settlement_waits_for_a_spending_under_way",),
    ),
    Defect(
        "an event whose key is claimed counts as new",
        (
            (
                "src/linli/inbox/store.py",
                "ON CONFLICT (source, event_id) DO NOTHING\nRETURNING source, event_id",
                "ON CONFLICT (source, event_id) DO UPDATE SET digest = inbox_key.digest\nRETURNING source, event_id",
            ),
        ),
        (f"{CONCURRENCY}::test_one_event_taken_in_fifty_times_at_once_has_one_effect",),
    ),
    Defect(
        "what comes in pays no debt",
        ((ACCOUNT, "part = self.take(min(self.debt, self.spendable), f\"repay:{key}\")", "part = 0"),),
        (MACHINE,),
    ),
    Defect(
        "points can be spent on the date on which they lapse",
        (
            (ACCOUNT, "if expires_on > self.stamp.on)", "if expires_on >= self.stamp.on)"),
            (ACCOUNT, "if key[0] > self.stamp.on and", "if key[0] >= self.stamp.on and"),
        ),
        (f"{SWEEP}::test_a_lot_can_be_spent_until_the_last_instant_before_its_date",),
    ),
    Defect(
        "a hold is captured twice",
        (
            (
                "src/linli/ledger/book.py",
                '        if found.state != "held":\n'
                "            raise HoldClosed(hold_id=str(hold_id), state=found.state)\n",
                "",
            ),
        ),
        (MACHINE,),
    ),
    Defect(
        "what is refunded goes to the lot that lapses soonest",
        ((ACCOUNT, "for key in sorted(left, reverse=True):", "for key in sorted(left):"),),
        (MACHINE,),
    ),
    Defect(
        "points are rounded up",
        (
            (
                "src/linli/words/units.py",
                "    return amount * numerator // denominator",
                "    return -(-amount * numerator // denominator)",
            ),
        ),
        ("tests/rules/test_orders.py",),
    ),
    Defect(
        "a grant is settled twice",
        (
            (
                STORE,
                "{which} AND g.state = 'pending'\n    RETURNING",
                "{which}\n    RETURNING",
            ),
        ),
        (f"{REVIEW}::test_a_chunk_that_comes_again_counts_nobody_twice",),
    ),
    Defect(
        "a refund is reckoned by other rates than the order's own",
        (
            (
                "src/linli/flows/loss.py",
                "due = rules.reprice(award,",
                "due = rules.reprice(__import__('msgspec').structs.replace(award, "
                "parts=(type(award.parts[0])(1, 100),)),",
            ),
        ),
        (f"{REGRESSIONS}::test_a_refund_is_reckoned_by_the_rates_of_its_order",),
    ),
    Defect(
        "a settled grant is withdrawn",
        (("src/linli/ledger/store_claims.py", "WHERE {_BY_KEY} AND g.state = 'pending' AND", "WHERE {_BY_KEY} AND"),),
        (MACHINE,),
    ),
    Defect(
        "a movement does not count up the version",
        ((ACCOUNT, "        self.version += 1\n", "        self.version = self.version or 1\n"),),
        (MACHINE,),
    ),
    Defect(
        "expiry books what it read, in wallets that it did not lock",
        (
            (
                STORE,
                "SELECT member_id, wallet FROM ledger_balance WHERE member_id = ANY(%(members)s) "
                "ORDER BY member_id, wallet",
                "SELECT DISTINCT member_id, wallet FROM ledger_lot\nWHERE member_id = ANY(%(members)s) "
                "AND expires_on <= %(on)s AND remaining > 0 ORDER BY member_id, wallet",
            ),
            (
                STORE,
                "    SELECT member_id, wallet, expires_on, funder, lapsed FROM ledger_lot\n",
                "    SELECT member_id, wallet, expires_on, funder, lapsed, remaining FROM ledger_lot\n",
            ),
            (
                STORE,
                "g.lapsed - d.lapsed AS points,\n           row_number() OVER w AS n, sum(g.lapsed - d.lapsed)",
                "d.remaining AS points,\n           row_number() OVER w AS n, sum(d.remaining)",
            ),
        ),
        (f"{INTERLEAVINGS}::test_points_that_come_back_lapsed_while_expiry_is_under_way",),
    ),
    Defect(
        "a reversal reads its grant without a lock",
        ((STORE, "AND key = %(key)s FOR UPDATE\"", "AND key = %(key)s\""),),
        (f"{INTERLEAVINGS}::test_a_grant_is_reversed_once_by_two_at_once",),
    ),
    Defect(
        "what comes after the night's run is promised for that night",
        (
            (
                "src/linli/flows/batch.py",
                "settle_on=self.last_settled + timedelta(days=1)",
                "settle_on=self.last_settled - timedelta(days=1)",
            ),
        ),
        (f"{SWEEP}::test_what_comes_after_the_run_goes_to_the_next_and_says_so",),
    ),
    Defect(
        "a parked refund is not freed by its order",
        (("src/linli/flows/intake.py", "        await _set_free(conn, batch, live, reader, first)\n", ""),),
        (f"{ORDER}::test_a_refund_of_an_unknown_order_waits_for_it",),
    ),
    Defect(
        "a parked refund waits no longer, but has no effect",
        ((LOSS, "lowered=repriced(new, cause), held=held)", "lowered=(), held=held)"),),
        (f"{ORDER}::test_a_refund_of_an_unknown_order_waits_for_it",),
    ),
    Defect(
        "another body is taken in under the key of a parked event",
        (("src/linli/flows/begin.py", "            batch.contested.add(key)\n", "            pass\n"),),
        ("tests/flows/test_parked.py",),
    ),
    Defect(
        "points that come back after their expiry are not noted",
        ((WALLETS, "if any(account.delta(key) > 0 for account, key in changed):", "if False:"),),
        (MACHINE,),
    ),
    Defect(
        "points that are settled after their expiry are not noted",
        (
            (
                STORE,
                "    WHERE l.expires_on <= greatest(%(until)s,",
                "    WHERE false AND l.expires_on <= greatest(%(until)s,",
            ),
        ),
        (f"{SWEEP}::test_points_settled_after_their_expiry_are_looked_for_by_the_next",),
    ),
    Defect(
        "a note of late points is heeded before its date",
        (
            (
                STORE,
                "WHERE member_id = ANY(%(members)s) AND expires_on <= %(on)s\n), due AS",
                "WHERE member_id = ANY(%(members)s)\n), due AS",
            ),
        ),
        (f"{SWEEP}::test_points_that_come_when_expiry_was_run_ahead_of_the_clock",),
    ),
    Defect(
        "what was credited stays when its cause goes",
        (
            (
                "src/linli/ledger/claims.py",
                "fetch_all(conn, store.TAKE_BACK, asked) if wanted else _none()",
                "_none()",
            ),
        ),
        (LOSSES,),
    ),
    Defect(
        "a completion told before its small payment keeps what it earned",
        (("src/linli/flows/intake.py", "            await recount(", "            0 and await recount("),),
        ("tests/flows/test_small_orders.py",),
    ),
    Defect(
        "a bonus does not pass to the next cause",
        ((LOSS, "        if claim.startswith(SHARED) and", "        if False and"),),
        (LOSSES,),
    ),
    Defect(
        "an order of a group that failed before earns",
        (
            (
                "src/linli/flows/judge.py",
                "if failed and not (known and known.known) else record",
                "if False else record",
            ),
            ("src/linli/flows/intake.py", "    return batch.failed(body.group_id) and not", "    return False and not"),
        ),
        (ORDER,),
    ),
    Defect(
        "what was taken back is not promised anew",
        (("src/linli/ledger/grants.py", "    if len(written) < len(rows):\n", "    if False:\n"),),
        (LOSSES,),
    ),
    Defect(
        "a shopping day goes though another order of the day stands",
        (
            (
                "src/linli/earning/facts.py",
                "if on is not None and all(other.shopped_on != on for other in alive):",
                "if on is not None:",
            ),
        ),
        (LOSSES,),
    ),
    Defect(
        "nobody notices that a milestone is reached",
        (("src/linli/flows/intake.py", "    if batch.reached:\n", "    if False:\n"),),
        (LOSSES,),
    ),
    Defect(
        "a day is made up for as often as one likes",
        (("src/linli/flows/make_up.py", "    if not left_in_month(facts, terms, on):\n", "    if False:\n"),),
        ("tests/flows/test_make_up.py",),
    ),
    Defect(
        "a template is counted without its lock",
        (
            (
                "src/linli/coupons/store.py",
                "ORDER BY template_id FOR NO KEY UPDATE\n",
                "ORDER BY template_id\n",
            ),
        ),
        (COUPONS,),
    ),
    Defect(
        "of a batch one member gets as many coupons as they like",
        (("src/linli/coupons/wallet.py", "        self._had[wanted.member_id, wanted.template_id] += 1\n", ""),),
        (COUPONS,),
    ),
    Defect(
        "two coupons are locked for one order at once",
        (("src/linli/flows/coupons.py", "    await members.lock(conn, member_id)\n", ""),),
        (COUPONS,),
    ),
    Defect(
        "what is left of a discount goes to the last lines",
        (("src/linli/coupons/discount.py", "key=lambda place: (-(fen", "key=lambda place: ((fen"),),
        ("tests/coupons/test_discount.py",),
    ),
    Defect(
        "a returned coupon stays counted as used",
        (("src/linli/coupons/orders.py", "            await _count(conn, coupon, -1)\n", "            pass\n"),),
        (COUPONS, "tests/api/test_coupons.py"),
    ),
    Defect(
        "a coupon is over on its last date",
        (
            (
                "src/linli/coupons/orders.py",
                "    if on > coupon.valid_until:\n",
                "    if on >= coupon.valid_until:\n",
            ),
        ),
        ("tests/api/test_coupons.py",),
    ),
    Defect(
        "a coupon is used for whatever order",
        (
            (
                "src/linli/coupons/orders.py",
                "    if coupon.order_id != order_id:\n        raise _not_locked(coupon, order_id)\n",
                "",
            ),
        ),
        ("tests/api/test_coupons.py",),
    ),
    Defect(
        "a code for one member is for everybody",
        (("src/linli/flows/coupons.py", "    if found.member_id not in (None, member_id):\n", "    if False:\n"),),
        (COUPONS,),
    ),
    Defect(
        "birthdays come every night",
        (("src/linli/flows/coupons_issue.py", 'return f"birthday:{year}"', 'return f"birthday:{year}:{id(year)}"'),),
        ("tests/flows/test_coupons_given.py",),
    ),
    Defect(
        "an item's stock is read without its lock",
        (("src/linli/mall/store.py", "ORDER BY item_id FOR UPDATE", "ORDER BY item_id"),),
        ("tests/api/test_mall_rush.py",),
    ),
    Defect(
        "the same payment is applied each time that it is told",
        (("src/linli/flows/pay.py", 'if payment.state == "paid":', "if False:"),),
        ("tests/api/test_mall_pay.py",),
    ),
    Defect(
        "whoever sends a notice is believed",
        (("src/linli/wechat_pay.py", "        if not self._is_theirs(headers, body):", "        if False:"),),
        ("tests/api/test_mall_pay.py", "tests/payments/test_wire.py"),
    ),
    Defect(
        "a payment that comes late is kept, and nothing given for it",
        (
            (
                "src/linli/flows/pay.py",
                'await give_cash_back(conn, stamp, order, f"order {order.state}")',
                "pass",
            ),
        ),
        ("tests/api/test_mall_pay.py",),
    ),
    Defect(
        "what the shop takes back after it was collected is sold again",
        (("src/linli/flows/mall_fulfil.py", '"sold" if gone else "none"', '"none"'),),
        ("tests/api/test_mall.py",),
    ),
    Defect(
        "a prize is given once too often",
        (("src/linli/lottery/wheel.py", ">= drawn.stock:", "> drawn.stock:"),),
        ("tests/lottery/test_wheel.py", "tests/api/test_lottery.py"),
    ),
    Defect(
        "two processes turn one wheel at once",
        (("src/linli/lottery/store.py", 'LOCK_ALL = f"{OF_IDS} ORDER BY campaign_id FOR UPDATE"',
          'LOCK_ALL = f"{OF_IDS} ORDER BY campaign_id"'),),
        ("tests/crash/test_draws_killed.py",),
    ),
    Defect(
        "the nonce does not enter the draw",
        (("src/linli/lottery/wheel.py", "{number}\\n{nonce}\\n", "{number}\\n\\n"),),
        ("tests/lottery/test_wheel.py",),
    ),
    Defect(
        "a refused draw uses up its key",
        (("src/linli/flows/lottery_draw.py", "for one in refused])", "for one in refused[:0]])"),),
        ("tests/api/test_lottery.py",),
    ),
    Defect(
        "the budget is looked at after the prize",
        (("src/linli/lottery/wheel.py", "self.cost_fen + drawn.cost_fen > self.terms.budget_fen",
          "self.cost_fen > self.terms.budget_fen"),),
        ("tests/lottery/test_wheel.py",),
    ),
    Defect(
        "points are used cheapest first, whatever is left over",
        (("src/linli/rules/split.py", "    while sure < most:", "    while False:"),),
        ("tests/rules/test_split.py",),
    ),
    Defect(
        "a step takes more points than the most money costs",
        (("src/linli/rules/split.py", "allowed = needed - needed % step", "allowed = _up(needed, step)"),),
        ("tests/rules/test_split.py",),
    ),
    Defect(
        "the lines of a rate do not add up to it",
        (("src/linli/rules/deduction.py", "-(-points * (fen_before + fen) // of)",
          "points * (fen_before + fen) // of + 1"),),
        ("tests/rules/test_deduction.py",),
    ),
    Defect(
        "two refunds of a deduction do not wait for each other",
        (("src/linli/deductions/store.py", 'LOCK = f"{DEDUCTION} FOR UPDATE"', "LOCK = DEDUCTION"),),
        ("tests/flows/test_deduct_races.py",),
    ),
    Defect(
        "a refused redemption uses up its key",
        (("src/linli/flows/deduct_many.py", "for one in freed])", "for one in freed[:0]])"),),
        ("tests/api/test_deductions.py",),
    ),
]  # fmt: skip
