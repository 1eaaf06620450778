"""BVH motion capture: `reader` has the door; hierarchy, joint names and motion are its parts."""
