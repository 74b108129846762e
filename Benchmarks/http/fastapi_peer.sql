CREATE TABLE peer_jobs (
    id uuid PRIMARY KEY, kind text NOT NULL, queue text NOT NULL, payload jsonb NOT NULL, phase text NOT NULL, created_at timestamptz NOT NULL DEFAULT now()
);
