"""The figures of a period: sums, time buckets, the performance of vessels."""
