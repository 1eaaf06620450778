"""Turns sensors and recordings into `Frame`s.

cameras/    one module or folder per device, and `open_source`
isolation/  runs a camera's code in a process of its own
formats/    one module per file format, and `read_recording`
writing/    writes recordings in formats that other programs read
inspection/ says what a file seems to be, and what a recording holds
tracking/   identity, outlier rejection and resampling
skeleton    `Frame`, `Body`, `Layout` and the conversion between layouts
landmarks   MediaPipe's landmarks, and the joints that they give
block       many frames of one body as arrays
source      the `Source` protocol and source URIs
capture     the thread that reads a source
errors      the exceptions of this package
"""
