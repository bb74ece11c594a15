-- GET /api/bookings/availability of one staff member; days are counted from 1970-01-01
SELECT s.id, s.name, s.duration_minutes, s.buffer_before_minutes, s.buffer_after_minutes, s.price_amount, s.currency,
s.deposit_type, s.deposit_value, s.requires_approval, s.min_notice_minutes, s.max_advance_days,
s.cancellation_window_minutes, s.active, a.staff_id, r.name, r.timezone, r.active, a.price_amount, a.duration_minutes
FROM services s LEFT JOIN assignments a ON a.service_id = s.id LEFT JOIN resources r ON r.id = a.staff_id
WHERE s.id = %(service)s ORDER BY a.staff_id;
SELECT resource_id, weekday, NULL::date AS date, opens, closes FROM opening_rules WHERE resource_id = %(staff)s
UNION ALL SELECT resource_id, NULL, date, opens, closes FROM day_hours WHERE resource_id = %(staff)s
AND date BETWEEN date '1970-01-01' + %(first)s::int - 3 AND date '1970-01-01' + %(last)s::int + 4
UNION ALL SELECT resource_id, NULL, NULL, date_part('epoch', starts_at)::bigint, date_part('epoch', ends_at)::bigint FROM closures
WHERE (resource_id = %(staff)s OR resource_id IS NULL) AND starts_at < date '1970-01-01' + %(last)s::int + 4 AND ends_at > date '1970-01-01' + %(first)s::int - 1
UNION ALL SELECT resource_id, NULL, NULL, date_part('epoch', starts_at)::bigint, date_part('epoch', ends_at)::bigint FROM allocations
WHERE resource_id = %(staff)s AND starts_at >= date '1970-01-01' + %(first)s::int - 1 AND starts_at < date '1970-01-01' + %(last)s::int + 4 AND (expires_at IS NULL OR expires_at > now())
UNION ALL SELECT r.id, NULL, NULL, 0, (SELECT date_part('epoch', e.ends_at)::bigint FROM allocations e WHERE e.resource_id = r.id
AND e.starts_at < date '1970-01-01' + %(first)s::int - 1 AND (e.expires_at IS NULL OR e.expires_at > now()) ORDER BY e.starts_at DESC LIMIT 1)
FROM resources r WHERE r.id = %(staff)s;
