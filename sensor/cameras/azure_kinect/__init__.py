"""Azure Kinect and Orbbec Femto: live cameras and .mkv recordings, with Microsoft's body tracker.

camera         `azure-kinect:`, a live camera through pyk4a
recording      `mkv:`, a recording; read by pyk4a's playback, or by PyAV with `mkv_reader`
source         `TrackedSource`, the source of both
body_tracking  feeds captures to the tracker and turns its results into frames
options        the options that both share
k4a, k4abt     the vendor's sensor library and body tracker by ctypes
pyk4a          access to the handles inside pyk4a's objects
"""
