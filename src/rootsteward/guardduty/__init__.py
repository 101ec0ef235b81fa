"""Which findings a sweep raises, and which session raised which finding."""
