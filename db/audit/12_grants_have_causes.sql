-- Each grant that an event caused names an event that was taken in.
SELECT g.member_id, g.key, g.source, g.event_id FROM ledger_grant g
WHERE g.source <> 'linli'
  AND NOT EXISTS (SELECT FROM inbox_key k WHERE k.source = g.source AND k.event_id = g.event_id)
