-- GET /api/bookings of a client, from the newest
SELECT u.id, u.email, u.email_key, u.password_hash, u.first_name, u.last_name, u.phone, u.country, u.timezone, u.locale,
u.bio, u.role, u.has_login, u.is_active, u.is_blocked, u.email_verified, u.token_version, u.failed_logins,
u.locked_until, u.erased_at, u.created_at, u.updated_at,
(SELECT i.key FROM images i WHERE i.user_id = u.id) AS avatar
FROM users u JOIN auth_sessions a ON a.user_id = u.id
WHERE u.id = %(client)s AND a.id = %(session)s AND a.ended_at IS NULL;
SELECT b.*, i.booking_id, i.id AS item_id, position, service_id, service_name, staff_id, staff_name,
i.starts_at AS item_starts_at, i.ends_at AS item_ends_at, buffer_before_minutes, buffer_after_minutes, price_amount,
i.currency AS item_currency
FROM (SELECT id, reference, kind, status, pending_reason, expires_at, client_id, created_by, space_id, series_id, starts_at,
ends_at, timezone, party_size, notes, currency, total_amount, deposit_amount, paid_amount, credited_amount,
cancel_free_until, late_cancel_fee_amount, no_show_fee_amount, cancelled_at, cancelled_by, cancel_reason,
cancel_fee_amount, version, created_at, updated_at FROM bookings WHERE client_id IN (%(client)s, %(client)s)
ORDER BY client_id DESC, starts_at DESC, id DESC LIMIT 21) b
LEFT JOIN booking_items i ON i.booking_id = b.id
ORDER BY b.starts_at DESC, b.id DESC, position;
