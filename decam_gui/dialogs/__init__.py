"""The few dialogs; bad input is never one of them, it is shown beside its cause."""
