"""The page of rules: what robots do in a clinic, switched, tried on the past, changed and mended by its administrator."""
