-- GET /api/bookings/availability of one staff member; days are counted from 1970-01-01
SELECT s.id, s.category_id, s.name, s.description, s.duration_minutes, s.buffer_before_minutes, s.buffer_after_minutes,
s.price_amount, s.currency, s.deposit_type, s.deposit_value, s.requires_approval, s.min_notice_minutes,
s.max_advance_days, s.cancellation_window_minutes, s.rebook_after_days, s.active, s.version, s.created_at,
s.updated_at, s.rating_1, s.rating_2, s.rating_3, s.rating_4, s.rating_5
FROM services s WHERE s.id = %(service)s;
SELECT a.service_id, s.id, r.name, r.timezone, r.active, a.price_amount, a.duration_minutes FROM assignments a
JOIN staff s ON s.id = a.staff_id JOIN resources r ON r.id = s.id WHERE a.service_id = %(service)s ORDER BY s.id;
SELECT resource_id, weekday, NULL::date AS date, opens, closes FROM opening_rules WHERE resource_id = %(staff)s
UNION ALL SELECT resource_id, NULL, date, opens, closes FROM day_hours WHERE resource_id = %(staff)s
AND date BETWEEN date '1970-01-01' + %(first)s::int - 3 AND date '1970-01-01' + %(last)s::int + 4;
SELECT resource_id, starts_at, ends_at FROM closures WHERE (resource_id = %(staff)s OR resource_id IS NULL)
AND starts_at < date '1970-01-01' + %(last)s::int + 4 AND ends_at > date '1970-01-01' + %(first)s::int - 1
UNION ALL SELECT resource_id, starts_at, ends_at FROM allocations WHERE resource_id = %(staff)s
AND starts_at >= coalesce((SELECT r.starts_at FROM allocations r WHERE r.id = (SELECT e.id FROM allocations e
WHERE e.resource_id = %(staff)s AND e.starts_at < date '1970-01-01' + %(first)s::int - 1
ORDER BY e.starts_at DESC LIMIT 1) AND r.ends_at > date '1970-01-01' + %(first)s::int - 1), date '1970-01-01' + %(first)s::int - 1)
AND starts_at < date '1970-01-01' + %(last)s::int + 4 AND ends_at > date '1970-01-01' + %(first)s::int - 1
AND (expires_at IS NULL OR expires_at > now());
