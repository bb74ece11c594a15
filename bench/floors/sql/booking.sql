-- POST /api/bookings under an Idempotency-Key; its start is in seconds since 1970
SELECT u.id, u.email, u.email_key, u.password_hash, u.first_name, u.last_name, u.phone, u.country, u.timezone, u.locale,
u.bio, u.role, u.has_login, u.is_active, u.is_blocked, u.email_verified, u.token_version, u.failed_logins,
u.locked_until, u.erased_at, u.created_at, u.updated_at,
(SELECT i.key FROM images i WHERE i.user_id = u.id) AS avatar
FROM users u JOIN auth_sessions a ON a.user_id = u.id
WHERE u.id = %(client)s AND a.id = %(session)s AND a.ended_at IS NULL;
INSERT INTO idempotency_keys (user_id, key, fingerprint, created_at)
VALUES (%(client)s, 'floor ' || %(key)s::bigint, repeat('f', 64), now())
ON CONFLICT (user_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, created_at = excluded.created_at,
status = excluded.status, body = excluded.body, location = excluded.location WHERE idempotency_keys.created_at <= now() - interval '1 day'
RETURNING id AS key_id;
SELECT u.id, u.is_blocked FROM users u WHERE u.id = %(client)s AND u.is_active FOR NO KEY UPDATE;
SELECT count(*) FROM bookings WHERE client_id = %(client)s AND status IN ('pending', 'confirmed')
AND (expires_at IS NULL OR expires_at > now()) AND starts_at > now();
SAVEPOINT attempt;
SELECT id FROM resources WHERE id IN (SELECT staff_id FROM assignments WHERE service_id = %(service)s
AND staff_id = %(staff)s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED;
SELECT s.id, s.name, s.duration_minutes, s.buffer_before_minutes, s.buffer_after_minutes, s.price_amount, s.currency,
s.deposit_type, s.deposit_value, s.requires_approval, s.min_notice_minutes, s.max_advance_days,
s.cancellation_window_minutes, s.active, a.staff_id, r.name, r.timezone, r.active, a.price_amount, a.duration_minutes
FROM services s LEFT JOIN assignments a ON a.service_id = s.id LEFT JOIN resources r ON r.id = a.staff_id
WHERE s.id = %(service)s ORDER BY a.staff_id;
SELECT resource_id, weekday, NULL::date AS date, opens, closes FROM opening_rules WHERE resource_id = %(staff)s
UNION ALL SELECT resource_id, NULL, date, opens, closes FROM day_hours WHERE resource_id = %(staff)s
AND date BETWEEN to_timestamp(%(start)s)::date - 2 AND to_timestamp(%(start)s)::date
UNION ALL SELECT resource_id, NULL, NULL, date_part('epoch', starts_at)::bigint, date_part('epoch', ends_at)::bigint FROM closures
WHERE (resource_id = %(staff)s OR resource_id IS NULL) AND starts_at < to_timestamp(%(start)s) + interval '15 minutes' AND ends_at > to_timestamp(%(start)s)
UNION ALL SELECT resource_id, NULL, NULL, date_part('epoch', starts_at)::bigint, date_part('epoch', ends_at)::bigint FROM allocations
WHERE resource_id = %(staff)s AND starts_at >= to_timestamp(%(start)s) AND starts_at < to_timestamp(%(start)s) + interval '15 minutes' AND (expires_at IS NULL OR expires_at > now())
UNION ALL SELECT r.id, NULL, NULL, 0, (SELECT date_part('epoch', e.ends_at)::bigint FROM allocations e WHERE e.resource_id = r.id
AND e.starts_at < to_timestamp(%(start)s) AND (e.expires_at IS NULL OR e.expires_at > now()) ORDER BY e.starts_at DESC LIMIT 1)
FROM resources r WHERE r.id = %(staff)s;
DELETE FROM allocations WHERE resource_id = %(staff)s AND expires_at <= now()
RETURNING resource_id, starts_at, ends_at;
INSERT INTO bookings (reference, kind, status, client_id, created_by, starts_at, ends_at, timezone, party_size, notes,
currency, total_amount, deposit_amount, paid_amount, credited_amount, cancel_free_until, late_cancel_fee_amount,
no_show_fee_amount, version, created_at, updated_at)
VALUES ('BK-' || substr(md5(random()::text), 1, 9), 'service', 'confirmed', %(client)s, %(client)s,
to_timestamp(%(start)s), to_timestamp(%(start)s) + interval '15 minutes', 'UTC', 1, '', 'KES', 100, 0, 0, 0,
to_timestamp(%(start)s), 0, 0, 1, now(), now()) ON CONFLICT (reference) DO NOTHING RETURNING id AS booking_id;
WITH item AS (INSERT INTO booking_items (booking_id, position, service_id, service_name, staff_id, staff_name, starts_at,
ends_at, buffer_before_minutes, buffer_after_minutes, price_amount, currency)
VALUES (%(booking_id)s, 0, %(service)s, 'Bench', %(staff)s, 'Bench', to_timestamp(%(start)s),
to_timestamp(%(start)s) + interval '15 minutes', 0, 0, 100, 'KES') RETURNING id),
change AS (INSERT INTO booking_history (booking_id, at, actor_id, step, to_status, reason, details)
VALUES (%(booking_id)s, now(), %(client)s, 'create', 'confirmed', '', '{}') RETURNING id),
event AS (INSERT INTO outbox_events (topic, subject, payload, due_at, attempts, failures, created_at)
VALUES ('event', 'booking:' || %(booking_id)s::bigint, '{"name": "booking.confirmed"}', now(), 0, 0, now())
RETURNING id),
taken AS (INSERT INTO allocations (resource_id, starts_at, ends_at, booking_id) VALUES (%(staff)s,
to_timestamp(%(start)s), to_timestamp(%(start)s) + interval '15 minutes', %(booking_id)s) RETURNING id)
SELECT (SELECT id FROM item), (SELECT id FROM change), (SELECT id FROM event), (SELECT id FROM taken);
RELEASE SAVEPOINT attempt;
UPDATE idempotency_keys SET status = 201, body = repeat('b', 900), location = '/' WHERE id = %(key_id)s;
