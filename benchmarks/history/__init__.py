"""What a long history costs against a short one; `make benchmark-history`."""
