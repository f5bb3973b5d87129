"""What is said of a period: sums, buckets of time, performance of vessels."""
