"""SQL of the notify room."""

MARKS = "SELECT member_id, seq, read_on FROM notify_read WHERE member_id = ANY(%(members)s)"

# Only forward: a page that was opened earlier and is answered later unreads nothing.
ADVANCE = """
INSERT INTO notify_read AS r (member_id, seq, read_on, read_at)
VALUES (%(member_id)s, %(seq)s, %(on)s, %(at)s)
ON CONFLICT (member_id) DO UPDATE SET
    seq = greatest(r.seq, excluded.seq), read_on = greatest(r.read_on, excluded.read_on), read_at = excluded.read_at
WHERE excluded.seq > r.seq OR excluded.read_on > r.read_on
"""
