"""The application for any WSGI server, on the settings of the environment: ``gunicorn -k gthread wsgi:app``."""

from widget_backend.app import create_app

app = create_app()
