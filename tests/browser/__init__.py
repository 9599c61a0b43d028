"""The page in a real browser, as a reader uses it."""
