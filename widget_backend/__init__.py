"""The application behind the widget: tenants, CRM adapters, jobs, pages. ``installer`` stands on top of it."""
