"""The parts of dev.py, by the job that they do. Standard library only; any Python of the lock."""
