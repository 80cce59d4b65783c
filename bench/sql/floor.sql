-- The floor: an earning as one prepared call (idempotent insert, lot, balance), and the same set-wise.
CREATE TABLE floor_event (
    member_id text COLLATE "C", key text COLLATE "C", points bigint, at timestamptz DEFAULT now(),
    PRIMARY KEY (member_id, key)
);
CREATE TABLE floor_lot (
    member_id text COLLATE "C", key text COLLATE "C", expires_on date, points bigint, remaining bigint,
    PRIMARY KEY (member_id, key)
);
CREATE TABLE floor_balance (member_id text COLLATE "C" PRIMARY KEY, available bigint NOT NULL, version bigint NOT NULL)
    WITH (fillfactor = 70);
CREATE FUNCTION floor_earn(member text, cause text, amount bigint) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO floor_event (member_id, key, points) VALUES (member, cause, amount) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN 0; END IF;
    INSERT INTO floor_lot VALUES (member, cause, '2027-11-22', amount, amount);
    UPDATE floor_balance SET available = available + amount, version = version + 1 WHERE member_id = member;
    RETURN 1;
END $$;
CREATE FUNCTION floor_earn_many(members text[], causes text[], amounts bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE done bigint;
BEGIN
    WITH new AS (
        INSERT INTO floor_event (member_id, key, points) SELECT * FROM unnest(members, causes, amounts)
        ON CONFLICT DO NOTHING RETURNING member_id, key, points
    ), lots AS (
        INSERT INTO floor_lot SELECT member_id, key, '2027-11-22', points, points FROM new
    ), sums AS (
        SELECT member_id, sum(points)::bigint AS points, count(*) AS n FROM new GROUP BY member_id
    ), balances AS (
        UPDATE floor_balance b SET available = b.available + s.points, version = b.version + s.n FROM sums s
        WHERE b.member_id = s.member_id RETURNING 1
    )
    SELECT count(*) INTO done FROM balances;
    RETURN done;
END $$;
