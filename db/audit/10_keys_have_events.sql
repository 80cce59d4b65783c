-- Each claimed event is archived with its outcome, and each archived event is claimed.
SELECT coalesce(k.source, e.source) AS source, coalesce(k.event_id, e.event_id) AS event_id,
       k.event_id IS NULL AS key_missing, e.event_id IS NULL AS event_missing
FROM inbox_key k
FULL JOIN inbox_event e ON e.member_id = k.member_id AND e.business_on = k.business_on
                       AND e.source = k.source AND e.event_id = k.event_id
WHERE k.event_id IS NULL OR e.event_id IS NULL
