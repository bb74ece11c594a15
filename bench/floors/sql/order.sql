-- POST /api/orders of three lines, one of each, under an Idempotency-Key
SELECT u.id, u.email, u.email_key, u.password_hash, u.first_name, u.last_name, u.phone, u.country, u.timezone, u.locale,
u.bio, u.role, u.has_login, u.is_active, u.is_blocked, u.email_verified, u.token_version, u.failed_logins,
u.locked_until, u.erased_at, u.created_at, u.updated_at,
(SELECT i.key FROM images i WHERE i.user_id = u.id) AS avatar
FROM users u JOIN auth_sessions a ON a.user_id = u.id
WHERE u.id = %(client)s AND a.id = %(session)s AND a.ended_at IS NULL;
INSERT INTO idempotency_keys (user_id, key, fingerprint, created_at)
VALUES (%(client)s, 'floor ' || %(key)s::bigint, repeat('f', 64), now())
ON CONFLICT (user_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, created_at = excluded.created_at,
status = NULL, body = NULL, location = NULL WHERE idempotency_keys.created_at <= now() - interval '1 day'
RETURNING id AS key_id;
SELECT u.id, u.email, u.email_key, u.password_hash, u.first_name, u.last_name, u.phone, u.country, u.timezone, u.locale,
u.bio, u.role, u.has_login, u.is_active, u.is_blocked, u.email_verified, u.token_version, u.failed_logins,
u.locked_until, u.erased_at, u.created_at, u.updated_at
FROM users u WHERE u.id = %(client)s AND u.is_active FOR NO KEY UPDATE;
SELECT * FROM products WHERE id IN (%(one)s, %(two)s, %(three)s);
INSERT INTO orders (reference, channel, client_id, status, fulfilment_status, fulfilment, notes, expires_at, currency,
tax_rate_millionths, tax_inclusive, subtotal_amount, tax_amount, total_amount, paid_amount, refunded_amount, version,
created_at, updated_at)
VALUES ('OR-' || substr(md5(random()::text), 1, 9), 'online', %(client)s, 'open', 'unfulfilled', 'pickup', '',
now() + interval '30 minutes', 'KES', 0, true, 300, 0, 300, 0, 0, 1, now(), now()) RETURNING id AS order_id;
INSERT INTO order_lines (order_id, position, product_id, kind, sku, name, quantity, unit_price_amount, total_amount,
tax_amount, currency)
SELECT %(order_id)s, row_number() OVER (ORDER BY id) - 1, id, kind, sku, name, 1, 100, 100, 0, 'KES' FROM products
WHERE id IN (%(one)s, %(two)s, %(three)s) RETURNING id;
WITH change AS (INSERT INTO order_history (order_id, at, actor_id, step, to_status, fulfilment_status, reason)
VALUES (%(order_id)s, now(), %(client)s, 'create', 'open', 'unfulfilled', '') RETURNING id),
event AS (INSERT INTO outbox_events (topic, subject, payload, due_at, attempts, failures, created_at)
VALUES ('event', 'order:' || %(order_id)s::bigint, '{"name": "order.placed"}', now(), 0, 0, now()) RETURNING id),
task AS (INSERT INTO outbox_events (topic, payload, due_at, attempts, failures, created_at)
VALUES ('order.expire', '{}', now() + interval '30 minutes', 0, 0, now()) RETURNING id)
SELECT (SELECT id FROM change), (SELECT id FROM event), (SELECT id FROM task);
SAVEPOINT stock;
SELECT id, sku, active, price_amount, tracked, on_hand - reserved FROM products
WHERE id IN (%(one)s, %(two)s, %(three)s) ORDER BY id FOR NO KEY UPDATE;
UPDATE products SET reserved = reserved + 1, version = version + 1, updated_at = now()
WHERE id IN (%(one)s, %(two)s, %(three)s) AND tracked AND reserved + 1 <= on_hand
RETURNING id, on_hand, reserved, reorder_level;
INSERT INTO stock_movements (product_id, kind, on_hand_change, reserved_change, on_hand_after, reserved_after,
shortfall, reason, actor_id, order_id, created_at)
SELECT id, 'reservation', 0, 1, on_hand, reserved, 0, '', %(client)s, %(order_id)s, now() FROM products
WHERE id IN (%(one)s, %(two)s, %(three)s);
RELEASE SAVEPOINT stock;
UPDATE idempotency_keys SET status = 201, body = repeat('b', 900), location = '/' WHERE id = %(key_id)s;
