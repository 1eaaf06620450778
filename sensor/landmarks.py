"""MediaPipe's 33 pose landmarks, and the joints of the canonical layout that they give."""

from __future__ import annotations

LANDMARKS = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye",
    "right_eye_outer", "left_ear", "right_ear", "mouth_left", "mouth_right", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_pinky",
    "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb", "left_hip",
    "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle", "left_heel",
    "right_heel", "left_foot_index", "right_foot_index",
)  # fmt: skip
"""MediaPipe's 33 pose landmarks, in its order; left and right are the person's own."""

JOINT_LANDMARKS: dict[str, tuple[str, ...]] = {
    "Head": ("left_ear", "right_ear"),
    "ShoulderLeft": ("left_shoulder",),
    "ElbowLeft": ("left_elbow",),
    "WristLeft": ("left_wrist",),
    "HandLeft": ("left_index", "left_pinky"),
    "ThumbLeft": ("left_thumb",),
    "ShoulderRight": ("right_shoulder",),
    "ElbowRight": ("right_elbow",),
    "WristRight": ("right_wrist",),
    "HandRight": ("right_index", "right_pinky"),
    "ThumbRight": ("right_thumb",),
    "HipLeft": ("left_hip",),
    "KneeLeft": ("left_knee",),
    "AnkleLeft": ("left_ankle",),
    "FootLeft": ("left_foot_index",),
    "HipRight": ("right_hip",),
    "KneeRight": ("right_knee",),
    "AnkleRight": ("right_ankle",),
    "FootRight": ("right_foot_index",),
    "SpineBase": ("left_hip", "right_hip"),
    "SpineShoulder": ("left_shoulder", "right_shoulder"),
    "SpineMid": ("left_shoulder", "right_shoulder", "left_hip", "right_hip"),
    "Neck": ("left_shoulder", "right_shoulder", "left_ear", "right_ear"),
}
"""The landmarks whose mean is a joint. Finger tips have none, so they stay missing."""
