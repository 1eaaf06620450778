"""NTU RGB+D, NW-UCLA, MSR Action3D and SBU, each with its own recipe."""
