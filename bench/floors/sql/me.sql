-- GET /api/users/me
SELECT u.id, u.email, u.email_key, u.password_hash, u.first_name, u.last_name, u.phone, u.country, u.timezone, u.locale,
u.bio, u.role, u.has_login, u.is_active, u.is_blocked, u.email_verified, u.token_version, u.failed_logins,
u.locked_until, u.erased_at, u.created_at, u.updated_at,
(SELECT i.key FROM images i WHERE i.user_id = u.id) AS avatar
FROM users u JOIN auth_sessions a ON a.user_id = u.id
WHERE u.id = %(client)s AND a.id = %(session)s AND a.ended_at IS NULL;
