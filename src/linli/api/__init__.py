"""The API: HTTP by audience. `app.py` puts it together."""
