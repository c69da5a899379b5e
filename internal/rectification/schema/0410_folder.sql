CREATE TABLE rectify_round (
	id TEXT PRIMARY KEY,
	by_id TEXT NOT NULL,
	rule TEXT NOT NULL,
	source TEXT NOT NULL,
	changed_at TEXT NOT NULL,
	changer_id TEXT,
	rev BIGINT NOT NULL
);
CREATE TABLE rectify_folder (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	rule TEXT NOT NULL,
	fed_back_on TEXT NOT NULL,
	plan_due_on TEXT NOT NULL,
	report_due_on TEXT NOT NULL,
	focus_end_on TEXT NOT NULL,
	evaluate_due_on TEXT NOT NULL,
	grade TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (round_id, unit_id)
);
CREATE INDEX rectify_folder_unit ON rectify_folder (unit_id, id);
CREATE INDEX rectify_folder_by ON rectify_folder (by_id, id);
CREATE TABLE rectify_paper (
	id TEXT PRIMARY KEY,
	folder_id TEXT NOT NULL REFERENCES rectify_folder (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	title TEXT NOT NULL,
	body TEXT NOT NULL,
	state TEXT NOT NULL,
	returns BIGINT NOT NULL,
	author_id TEXT,
	signer_id TEXT,
	signed_at TEXT NOT NULL,
	pledge TEXT NOT NULL,
	digest TEXT NOT NULL,
	judge_id TEXT,
	judged_at TEXT NOT NULL,
	opinion TEXT NOT NULL,
	ground TEXT NOT NULL,
	ground_reason TEXT NOT NULL,
	contact TEXT NOT NULL,
	published_on TEXT NOT NULL,
	changed_at TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (folder_id, kind)
);
CREATE INDEX rectify_paper_state ON rectify_paper (state, id);
CREATE INDEX rectify_paper_by ON rectify_paper (by_id, state, id);
CREATE INDEX rectify_paper_unit ON rectify_paper (unit_id, state, id);
CREATE TABLE rectify_act (
	id TEXT PRIMARY KEY,
	folder_id TEXT NOT NULL REFERENCES rectify_folder (id),
	item_id TEXT,
	kind TEXT NOT NULL,
	on_date TEXT NOT NULL,
	who TEXT NOT NULL,
	to_who TEXT NOT NULL,
	body TEXT NOT NULL,
	grade TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL
);
CREATE INDEX rectify_act_folder ON rectify_act (folder_id, kind, id);
CREATE INDEX rectify_act_item ON rectify_act (item_id, id);
CREATE TABLE rectify_order (
	id TEXT PRIMARY KEY,
	folder_id TEXT NOT NULL REFERENCES rectify_folder (id),
	item_id TEXT,
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	demand TEXT NOT NULL,
	due_on TEXT NOT NULL,
	state TEXT NOT NULL,
	answer TEXT NOT NULL,
	opinion TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL,
	answerer_id TEXT,
	answered_at TEXT NOT NULL,
	judge_id TEXT,
	judged_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX rectify_order_folder ON rectify_order (folder_id, id);
CREATE INDEX rectify_order_unit ON rectify_order (unit_id, state, id);
CREATE INDEX rectify_order_by ON rectify_order (by_id, state, id);
CREATE TABLE rectify_reminder (
	id TEXT PRIMARY KEY,
	item_id TEXT NOT NULL REFERENCES rectify_item (id),
	due_on TEXT NOT NULL,
	tier TEXT NOT NULL,
	at TEXT NOT NULL,
	UNIQUE (item_id, due_on, tier)
);
CREATE INDEX rectify_reminder_tier ON rectify_reminder (tier, due_on, item_id);
