"""What a file of unknown form seems to be.

description       one line that says it
signatures        kinds of files by their first bytes
zip_archive       the names in a ZIP archive, and what it seems to be
"""
