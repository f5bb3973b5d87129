"""What is read of a period."""
