"""What the window knows, without Qt: photographs, findings, jobs, and their folder."""
