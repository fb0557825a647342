-- What the plan does besides buying: moves from other stores, fills up to a minimum order, stops at a month's money.

-- A transfer drafted for a need; it goes with the need as long as nobody posted it. Dropped by a person it keeps the need:
-- then it is not proposed again.
ALTER TABLE stock_document ADD COLUMN need_id BIGINT REFERENCES need(id);
CREATE INDEX stock_document_need ON stock_document (need_id);
CREATE UNIQUE INDEX stock_document_one_move ON stock_document (need_id, store_id)
    WHERE need_id IS NOT NULL AND status = 'draft';

ALTER TABLE order_line ADD COLUMN filler TEXT;      -- bought early to reach the supplier's minimum, and why; JSON
ALTER TABLE order_line ADD COLUMN cut TEXT;         -- beyond the month's limit, with the risk of waiting; JSON
ALTER TABLE order_line ADD COLUMN over_budget TEXT; -- a person's reason to buy it all the same
