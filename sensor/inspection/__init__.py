"""Says what a recording holds, and what a file of unknown form seems to be.

recording_facts   lines about a recording that was read
guess             axes and unit, guessed from the body
picture           one frame in text
first_map         a first map of columns, from their names
"""
