"""SQL of the members' room."""

# City, leader and community are one profile, from the latest event (by business time) that names a city: a function
# of the set of events; of two at one instant, the one whose words sort last. A conflict that changes nothing writes
# nothing, yet it locks the row.
_RANK = """({0}.profile_at, coalesce({0}.city, '') COLLATE "C", coalesce({0}.leader_id, '') COLLATE "C",
        coalesce({0}.community_id, '') COLLATE "C")"""
_LATER = f"{_RANK.format('excluded')} > {_RANK.format('m')}"

ENROL = f"""
INSERT INTO members_member AS m (member_id, city, leader_id, community_id, profile_at, registered_at, enrolled_at)
SELECT member_id, city, leader_id, community_id, profile_at, registered_at, %(now)s
FROM unnest(%(member_ids)s::text[], %(cities)s::text[], %(leaders)s::text[], %(communities)s::text[],
            %(profiled)s::timestamptz[], %(registered)s::timestamptz[])
     AS s (member_id, city, leader_id, community_id, profile_at, registered_at)
ORDER BY member_id
ON CONFLICT (member_id) DO UPDATE SET
    city = CASE WHEN {_LATER} THEN excluded.city ELSE m.city END,
    leader_id = CASE WHEN {_LATER} THEN excluded.leader_id ELSE m.leader_id END,
    community_id = CASE WHEN {_LATER} THEN excluded.community_id ELSE m.community_id END,
    profile_at = greatest(excluded.profile_at, m.profile_at),
    registered_at = least(excluded.registered_at, m.registered_at)
WHERE {_LATER} OR excluded.registered_at < coalesce(m.registered_at, 'infinity')
"""

LOCK = "SELECT true FROM members_member WHERE member_id = %(member_id)s FOR UPDATE"

MEMBER = """
SELECT m.member_id, m.city, m.leader_id, m.community_id, m.registered_at, m.enrolled_at, p.nickname, p.avatar
FROM members_member m LEFT JOIN members_profile p USING (member_id) WHERE m.member_id = %(member_id)s
"""

MEMBERS = """
SELECT m.member_id, m.city, m.leader_id, m.community_id, m.registered_at, m.enrolled_at, p.nickname, p.avatar
FROM members_member m LEFT JOIN members_profile p USING (member_id) WHERE m.member_id = ANY(%(member_ids)s)
"""

AMONG = "SELECT member_id FROM members_member WHERE member_id = ANY(%(member_ids)s)"

CITIES = "SELECT member_id, city FROM members_member WHERE member_id = ANY(%(member_ids)s) AND city IS NOT NULL"

SET_PROFILE = """
INSERT INTO members_profile AS p (member_id, nickname, avatar, updated_at)
VALUES (%(member_id)s, %(nickname)s, %(avatar)s, %(now)s)
ON CONFLICT (member_id) DO UPDATE SET
    nickname = excluded.nickname, avatar = excluded.avatar, updated_at = excluded.updated_at
WHERE (p.nickname, p.avatar) IS DISTINCT FROM (excluded.nickname, excluded.avatar)
"""

_FOUND = "m.member_id, p.nickname, p.avatar, m.city, m.community_id, m.leader_id, m.enrolled_at"

ALL = f"""
SELECT {_FOUND} FROM members_member m LEFT JOIN members_profile p USING (member_id)
WHERE m.member_id > %(after)s AND (%(city)s::text IS NULL OR m.city = %(city)s)
ORDER BY m.member_id LIMIT %(limit)s
"""

# Two ways to be found, each with its own access path; a page of both together is a page of the whole.
SEARCH = f"""
WITH found AS (
    (SELECT member_id FROM members_member
     WHERE member_id > %(after)s AND member_id >= %(query)s AND member_id < %(beyond)s
       AND (%(city)s::text IS NULL OR city = %(city)s)
     ORDER BY member_id LIMIT %(limit)s)
    UNION
    (SELECT member_id FROM members_profile p JOIN members_member m USING (member_id)
     WHERE member_id > %(after)s AND strpos(lower(p.nickname), lower(%(query)s)) > 0
       AND (%(city)s::text IS NULL OR m.city = %(city)s)
     ORDER BY member_id LIMIT %(limit)s)
)
SELECT {_FOUND} FROM found JOIN members_member m USING (member_id) LEFT JOIN members_profile p USING (member_id)
ORDER BY m.member_id LIMIT %(limit)s
"""

INVITE_CODE = "SELECT code FROM members_invite_code WHERE member_id = %(member_id)s"

MAKE_INVITE_CODE = """
INSERT INTO members_invite_code (member_id, code, made_at) VALUES (%(member_id)s, %(code)s, %(now)s)
ON CONFLICT DO NOTHING
"""

INVITERS = "SELECT code, member_id FROM members_invite_code WHERE code = ANY(%(codes)s)"

SHOWN = "SELECT member_id, nickname, avatar FROM members_profile WHERE member_id = ANY(%(member_ids)s)"

COUNT = "SELECT count(*) FROM members_member"

IDS_AFTER = "SELECT member_id FROM members_member WHERE member_id > %(after)s ORDER BY member_id LIMIT %(limit)s"
