"""Azure Kinect and Orbbec Femto: live cameras and .mkv recordings through the body tracking SDK."""
