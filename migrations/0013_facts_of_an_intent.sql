-- The facts attested for an intent, the newest first: without this they are sought among all facts
-- of the node, at each finding.
CREATE INDEX fact_intent ON fact (intent_id, id);
