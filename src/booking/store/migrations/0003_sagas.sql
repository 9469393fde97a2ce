-- Where the saga of an order stands: at which stage (the numbers of `Stage`) and since when, how often that was tried without an
-- answer and what came of it, and whether nobody knows the outcome of its payment.
ALTER TABLE orders ADD COLUMN stage INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN stage_since_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN last_error TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN next_try_at_us INTEGER;
ALTER TABLE orders ADD COLUMN payment_unknown INTEGER NOT NULL DEFAULT 0;
UPDATE orders SET stage = step, stage_since_us = created_at_us;
CREATE INDEX orders_under_way ON orders (world, created_at_us) WHERE stage <> 0;
