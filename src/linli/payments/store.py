"""SQL of the payments room."""

_PAYMENT = """p.member_id, p.order_id, p.out_trade_no, p.description, p.fen, p.state, p.pay_until, p.prepay_id,
       p.prepaid_at, p.transaction_id, p.paid_at, p.refunded_fen, p.looks, p.created_at,
       EXISTS (SELECT FROM payments_refund r WHERE r.out_trade_no = p.out_trade_no AND r.state <> 'succeeded')"""

ADD = """
INSERT INTO payments_payment (member_id, order_id, out_trade_no, description, fen, pay_until, look_at, created_at)
SELECT member_id, order_id, out_trade_no, description, fen, pay_until, pay_until, %(at)s
FROM unnest(%(members)s::text[], %(orders)s::uuid[], %(numbers)s::text[], %(descriptions)s::text[],
            %(fens)s::bigint[], %(untils)s::timestamptz[])
     AS n (member_id, order_id, out_trade_no, description, fen, pay_until)
"""

OF_ORDERS = f"""
SELECT {_PAYMENT} FROM payments_payment p WHERE p.member_id = ANY(%(members)s) AND p.order_id = ANY(%(orders)s::uuid[])
"""

OF_NUMBER = f"SELECT {_PAYMENT} FROM payments_payment p WHERE p.out_trade_no = %(out_trade_no)s"

LOCK = f"{OF_NUMBER} FOR UPDATE OF p"

PREPAID = """
UPDATE payments_payment SET prepay_id = %(prepay_id)s, prepaid_at = %(at)s
WHERE out_trade_no = %(out_trade_no)s AND state = 'unpaid'
"""

PAID = """
UPDATE payments_payment SET state = 'paid', transaction_id = %(transaction_id)s, paid_at = %(paid_at)s, look_at = NULL
WHERE out_trade_no = %(out_trade_no)s
"""

CLOSED = """
UPDATE payments_payment SET state = 'closed', look_at = NULL WHERE out_trade_no = %(out_trade_no)s AND state = 'unpaid'
"""

LOOK_AT = """
UPDATE payments_payment SET look_at = %(look_at)s, looks = looks + %(more)s
WHERE out_trade_no = %(out_trade_no)s AND state = 'unpaid'
"""

TO_LOOK_AT = f"""
SELECT {_PAYMENT} FROM payments_payment p WHERE p.look_at <= %(at)s ORDER BY p.look_at, p.out_trade_no LIMIT %(limit)s
"""

ADD_NOTICE = """
INSERT INTO payments_notice (notice_id, event_type, out_trade_no, effect, told, at)
VALUES (%(notice_id)s, %(event_type)s, %(out_trade_no)s, %(effect)s, %(told)s, %(at)s)
ON CONFLICT DO NOTHING RETURNING true
"""

HAS_NOTICE = "SELECT effect FROM payments_notice WHERE notice_id = %(notice_id)s"

WANT_REFUND = """
WITH wanted AS (
    INSERT INTO payments_refund (out_refund_no, out_trade_no, fen, reason, try_at, wanted_at)
    VALUES (%(out_refund_no)s, %(out_trade_no)s, %(fen)s, %(reason)s, %(at)s, %(at)s)
    ON CONFLICT DO NOTHING RETURNING out_trade_no, fen
)
UPDATE payments_payment AS p SET refunded_fen = p.refunded_fen + w.fen
FROM wanted w WHERE p.out_trade_no = w.out_trade_no RETURNING true
"""

_REFUND = "r.out_refund_no, r.out_trade_no, r.fen, p.fen, r.reason, r.state, r.tries"

REFUNDS_TO_TRY = f"""
SELECT {_REFUND} FROM payments_refund r JOIN payments_payment p USING (out_trade_no)
WHERE r.try_at <= %(at)s ORDER BY r.try_at, r.out_refund_no LIMIT %(limit)s
"""

TELL_REFUND = """
UPDATE payments_refund SET state = %(state)s, refund_id = coalesce(%(refund_id)s, refund_id), problem = %(problem)s,
       try_at = %(try_at)s, tries = tries + 1, finished_at = CASE WHEN %(try_at)s::timestamptz IS NULL THEN %(at)s END
WHERE out_refund_no = %(out_refund_no)s AND state NOT IN ('succeeded', 'closed')
RETURNING true
"""
