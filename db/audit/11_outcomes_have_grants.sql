-- What an outcome says was granted was granted: to the member, under the key, and never withdrawn in silence.
WITH told AS (
    SELECT e.source, e.event_id, g ->> 'member_id' AS member_id, g ->> 'key' AS key
    FROM inbox_event e, json_array_elements(e.outcome -> 'granted') AS g
), taken_back AS (
    SELECT e.member_id, e.type, w AS key FROM inbox_event e, json_array_elements_text(e.outcome -> 'withdrawn') AS w
)
SELECT t.source, t.event_id, t.member_id, t.key FROM told t
WHERE NOT EXISTS (SELECT FROM ledger_grant g WHERE g.member_id = t.member_id AND g.key = t.key)
  AND NOT EXISTS (SELECT FROM taken_back b WHERE b.key = t.key
                  -- an inviter's reward is taken back by an event of the invitee, one for a share by the friend's,
                  -- and a group that fails concerns all who are in it
                  AND (b.member_id = t.member_id OR t.key ~ '^(again:\d+:)?(invited?|shared?):' OR b.type = 'group.failed'
                       OR EXISTS (SELECT FROM earning_claim_elsewhere c
                                  WHERE c.member_id = t.member_id AND c.owner_id = b.member_id
                                    AND c.claim = regexp_replace(t.key, '^again:\d+:', ''))))
  AND t.key !~ '^(again:\d+:)?streak:'         -- a late day may move a streak's reward to another date
