"""Kinds of files by their first bytes."""

from __future__ import annotations

UNPACK = "; extract it first"
PLAY = "; it is played with --source video:FILE"
BODIES = "; save the positions of its joints as CSV or BVH"
PICKLE = "a Python pickle, which is never opened, since it can run programs; save an .npz clip set"

SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
    (0, b"\xff\xd8\xff", "a picture (JPEG)"),
    (0, b"GIF8", "a picture (GIF)"),
    (0, b"II*\0", "a picture (TIFF)"),
    (0, b"MM\0*", "a picture (TIFF)"),
    (8, b"WEBP", "a picture (WebP)"),
    (0, b"\x1aE\xdf\xa3", "a Matroska video (.mkv); it is played with --source mkv:FILE if it has "
     "depth of k4arecorder, else with --source video:FILE"),
    (4, b"ftyp", f"a video (.mp4, .mov){PLAY}"),
    (8, b"AVI ", f"a video (.avi){PLAY}"),
    (0, b"\0\0\x01\xba", f"a video (MPEG){PLAY}"),
    (8, b"WAVE", "a sound (WAV)"),
    (0, b"ID3\x03", "a sound (MP3)"),
    (0, b"\x1f\x8b", f"a gzip archive{UNPACK}"),
    (0, b"BZh", f"a bzip2 archive{UNPACK}"),
    (0, b"\xfd7zXZ\0", f"an xz archive{UNPACK}"),
    (0, b"\x28\xb5\x2f\xfd", f"a Zstandard archive{UNPACK}"),
    (0, b"7z\xbc\xaf\x27\x1c", f"a 7-Zip archive{UNPACK}"),
    (0, b"Rar!\x1a\x07", f"a RAR archive{UNPACK}"),
    (257, b"ustar", f"a tar archive{UNPACK}"),
    (0, b"%PDF-", "a PDF document"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document; save its table as CSV"),
    (0, b"\x93NUMPY", "a single NumPy array (.npy); a clip set is an .npz file with the arrays xyz "
     "and joints"),
    *((0, bytes((0x80, protocol)), PICKLE) for protocol in range(2, 6)),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file; save its positions as CSV or as an .npz clip set"),
    (0, b"MATLAB 7.3 MAT-file", "a MATLAB 7.3 file (.mat); save its positions by writematrix"),
    (0, b"MATLAB 5.0 MAT-file", "a MATLAB 5 file (.mat); save its positions by writematrix"),
    (0, b"Kaydara FBX", f"an FBX scene{BODIES}"),
    (0, b"; FBX ", f"an FBX scene as text{BODIES}"),
    (0, b"glTF", f"a glTF scene{BODIES}"),
    (0, b"PathFileType", f"a TRC motion capture{BODIES}"),
    (0, b"\x02P", f"a C3D motion capture{BODIES}"),
    (0, b":VERSION", f"an ASF skeleton, whose motion is in an AMC file{BODIES}"),
    (0, b":FULLY-SPECIFIED", f"an AMC motion capture{BODIES}"),
    (0, b"HIERARCHY", "a BVH motion"),
    (0, b"ply", "a point cloud (PLY)"),
    (0, b"#ROSBAG", "a ROS bag; save its skeletons as CSV or JSON"),
    (0, b"SQLite format 3\0", "an SQLite database, perhaps a ROS 2 bag; save its skeletons as CSV "
     "or JSON"),
    (0, b"NI10", "an OpenNI recording (.oni) of pictures, not of skeletons"),
    (0, b"PAR1", "a Parquet table; save it as CSV"),
    (0, b"ARROW1", "an Arrow table; save it as CSV"),
    (0, b"\x7fELF", "a program (ELF)"),
    (0, b"MZ", "a program (Windows)"),
    (0, b"\xcf\xfa\xed\xfe", "a program (macOS)"),
    (0, b"#!", "a script"),
    (0, b"version https://git-lfs.", "a Git LFS pointer; `git lfs pull` fetches the file"),
    (0, b"<!DOCTYPE html", "a web page; was the download refused?"),
    (0, b"<html", "a web page; was the download refused?"),
    (0, b"<svg", "a picture (SVG)"),
    (0, b"<", "an XML document"),
    (0, b"%YAML", "a YAML document; save it as JSON"),
    (0, b"---", "a YAML document; save it as JSON"),
)  # fmt: skip
"""A place in a file, the bytes there, and what the file seems to be. The first match counts."""

LONGEST = 300
"""No signature reaches further into a file."""


def kind_of(data: bytes) -> str | None:
    """Return what a file seems to be by its first bytes, None if they tell nothing."""
    for place, mark, text in SIGNATURES:
        found = data[place : place + len(mark)]
        if found == mark or (mark.startswith(b"<") and found.lower() == mark.lower()):
            return text
    return None
