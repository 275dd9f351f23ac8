"""``python -m widget_backend.cli``: the command without its installed name."""

from widget_backend.cli import main

main()
