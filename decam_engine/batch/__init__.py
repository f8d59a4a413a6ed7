"""Folders of any size: questions answered in bulk, on this machine or on many."""
