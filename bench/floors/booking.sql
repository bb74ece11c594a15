-- What POST /api/bookings asks of the database, in its order.
SELECT * FROM users WHERE id = %(client)s;
SELECT * FROM users WHERE id = %(client)s FOR NO KEY UPDATE;
SELECT count(*) FROM bookings WHERE client_id = %(client)s AND status IN ('pending', 'confirmed') AND
(expires_at IS NULL OR expires_at > now()) AND starts_at > now();
SAVEPOINT one;
SELECT id FROM resources WHERE id = %(staff)s ORDER BY id FOR NO KEY UPDATE;
SELECT * FROM services WHERE id = %(service)s;
SELECT a.service_id, s.id, r.name, r.timezone, r.active, a.price_amount, a.duration_minutes FROM assignments a
JOIN staff s ON s.id = a.staff_id JOIN resources r ON r.id = s.id WHERE a.service_id = %(service)s ORDER BY
s.id;
SELECT resource_id, weekday, opens, closes FROM opening_rules WHERE resource_id = %(staff)s;
SELECT resource_id, date, opens, closes FROM day_hours WHERE resource_id = %(staff)s AND date BETWEEN
%(start)s::date - 3 AND %(start)s::date + 3;
SELECT * FROM closures WHERE (resource_id = %(staff)s OR resource_id IS NULL) AND starts_at < %(start)s +
interval '2 days' AND ends_at > %(start)s - interval '2 days';
SELECT resource_id, starts_at, ends_at FROM allocations WHERE resource_id = %(staff)s AND starts_at >=
%(start)s - interval '3 days' AND starts_at < %(start)s + interval '2 days' AND ends_at > %(start)s - interval
'2 days' AND (expires_at IS NULL OR expires_at > now());
DELETE FROM allocations WHERE resource_id = %(staff)s AND expires_at <= now() RETURNING id;
INSERT INTO bookings (reference, kind, status, client_id, created_by, starts_at, ends_at, timezone,
party_size, notes, currency, total_amount, deposit_amount, paid_amount, cancel_free_until,
late_cancel_fee_amount, no_show_fee_amount, version, created_at, updated_at) VALUES ('BK-' ||
substr(md5(random()::text), 1, 9), 'service', 'confirmed', %(client)s, %(client)s, %(start)s, %(end)s, 'UTC',
1, '', 'KES', 100, 0, 0, %(start)s, 0, 0, 1, now(), now()) RETURNING id;
INSERT INTO booking_items (booking_id, position, service_id, service_name, staff_id, staff_name, starts_at,
ends_at, buffer_before_minutes, buffer_after_minutes, price_amount, currency) VALUES (%(booking)s, 0,
%(service)s, 'Bench', %(staff)s, 'Bench', %(start)s, %(end)s, 0, 0, 100, 'KES') RETURNING id;
INSERT INTO allocations (resource_id, starts_at, ends_at, booking_id) VALUES (%(staff)s, %(start)s, %(end)s,
%(booking)s) RETURNING id;
INSERT INTO booking_history (booking_id, at, actor_id, step, to_status, reason, details) VALUES (%(booking)s,
now(), %(client)s, 'create', 'confirmed', '', '{}') RETURNING id;
RELEASE SAVEPOINT one;
