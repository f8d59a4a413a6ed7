"""The parts of build.py: what goes into the standalone application, and into which package."""
