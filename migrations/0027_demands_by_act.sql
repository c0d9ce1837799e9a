-- As in 0017: who looks for what waits for an act finds it.
CREATE INDEX demand_act ON demand (act_id);
