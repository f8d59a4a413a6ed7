"""File names in the folder of a session; known without the engine."""

INDEX, LINES, LOCK = "session.decam", "results.jsonl", "session.lock"
RESULTS, PICTURES = "results", "pictures"
