"""Readers for files of other tools and of public data sets: one module per format.

  mediapipe_json, mediapipe_csv   world landmarks of MediaPipe Pose
  openpose_json                   OpenPose's 3D key points; 2D is refused
  nuitrack_json, nuitrack_csv     Nuitrack's skeletons
  kinect_v1_sets/                 public data sets recorded by a Kinect v1
  kinect_json                     bodies of Kinect v2 as several programs write them to JSON
  push_frames                     the `frame` messages of the push socket, saved one per line
  mediapipe_landmarks, joint_means, json_values, people_frames
                                  shared by these readers

Each module states its axes and units. `sensor.formats` lists the readers in its tables.
"""
