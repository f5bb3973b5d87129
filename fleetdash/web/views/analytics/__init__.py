"""The manager's page, part by part."""
