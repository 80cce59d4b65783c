"""The front ends in a real browser, against the real system with a small demo world."""
