"""What several calls share about pipelines, fields and records."""
