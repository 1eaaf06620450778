"""Identity, outlier rejection, body proportions and resampling of tracked bodies."""
