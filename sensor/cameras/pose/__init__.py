"""Shared by sources of pictures without skeletons: a pose estimator finds the joints.

source          `PoseSource`, which turns pictures into frames
newest_picture  a thread that reads a camera and keeps only the newest picture
estimator       MediaPipe's pose landmarker
landmarks       its landmarks, and their conversion to joints
depth_lifting   joints in a picture become joints in space
"""
