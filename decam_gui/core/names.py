"""File names in the folder of a session; known without the engine."""

INDEX, LOCK = "session.decam", "session.lock"
# As the engine names them in every folder of results.
HEAD, ANSWERS, RESULTS = "decam.json", "index.jsonl", "results"
PICTURES = "pictures"
# Of sessions of older versions.
LINES = "results.jsonl"
