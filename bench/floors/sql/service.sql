-- GET /api/services/{id}
SELECT s.id, s.category_id, s.name, s.description, s.duration_minutes, s.buffer_before_minutes, s.buffer_after_minutes,
s.price_amount, s.currency, s.deposit_type, s.deposit_value, s.requires_approval, s.min_notice_minutes,
s.max_advance_days, s.cancellation_window_minutes, s.rebook_after_days, s.active, s.version, s.created_at,
s.updated_at, s.rating_1, s.rating_2, s.rating_3, s.rating_4, s.rating_5, c.name AS category
FROM services s JOIN service_categories c ON c.id = s.category_id WHERE s.id = %(service)s;
