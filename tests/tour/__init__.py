"""A tour of the window by real events; run by ``build_scripts/tour.py``, not by pytest."""
