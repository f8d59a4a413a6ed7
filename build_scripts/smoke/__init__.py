"""The parts of smoke_test.py; standard library only."""
