"""Readers for public data sets recorded by a Kinect v1: one module per format.

msrc12_csv, utkinect_text, msr_action3d_text   text, one recording per file
g3d_xml, g3d_recording                         XML, one file per frame, in a folder or a ZIP
number_rows                                    lines with a fixed count of numbers
"""
