"""The page: pure views of domain values, and callbacks that read and render, nothing else."""
