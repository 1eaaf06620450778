"""Named protocols: train what they ask for, judge it, and report."""
