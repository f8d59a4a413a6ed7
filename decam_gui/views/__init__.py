"""Parts of the window: each takes data and emits signals, blind to the others."""
