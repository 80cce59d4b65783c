-- The reference: a draw as one prepared call in a transaction of its own, with what it cannot do without: the key, the
-- wheel's row, the wallet, its movement, the prize's promise, the log.
CREATE TABLE floor_wheel (id int PRIMARY KEY, draws bigint NOT NULL, won bigint NOT NULL) WITH (fillfactor = 50);
CREATE TABLE floor_wallet (member_id text COLLATE "C" PRIMARY KEY, available bigint NOT NULL) WITH (fillfactor = 70);
CREATE TABLE floor_key (member_id text COLLATE "C", key text COLLATE "C", outcome text, PRIMARY KEY (member_id, key));
CREATE TABLE floor_line (member_id text COLLATE "C", key text COLLATE "C", points bigint, PRIMARY KEY (member_id, key));
CREATE TABLE floor_promise (LIKE floor_line INCLUDING ALL);
CREATE TABLE floor_log (seq bigint, member_id text COLLATE "C", ticket int, PRIMARY KEY (member_id, seq));
INSERT INTO floor_wheel VALUES (1, 0, 0);
INSERT INTO floor_wallet SELECT 'm' || i, 1000000000 FROM generate_series(1, 20000) i;
CREATE FUNCTION floor_draw(member text, cause text, ticket int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE place bigint;
BEGIN
    INSERT INTO floor_key VALUES (member, cause, '{}') ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN 0; END IF;
    UPDATE floor_wheel SET draws = draws + 1, won = won + 1 WHERE id = 1 RETURNING draws INTO place;
    INSERT INTO floor_log VALUES (place, member, ticket);
    INSERT INTO floor_promise VALUES (member, cause, 20);
    UPDATE floor_wallet SET available = available - 100 WHERE member_id = member AND available >= 100;
    INSERT INTO floor_line VALUES (member, cause, 100);
    RETURN place;
END $$;
