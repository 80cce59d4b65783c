-- A parked event that holds its key has had no effect: the key is not claimed while it waits.
SELECT p.parked_id, p.source, p.event_id FROM inbox_parked p
JOIN inbox_key k ON k.source = p.source AND k.event_id = p.event_id
WHERE p.state = 'waiting' AND p.digest IS NOT NULL
