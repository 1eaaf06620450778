"""The atlas of the served model, and the page that `jointwise atlas` writes.

- `cache`: makes the atlas at the first request and keeps its JSON.
- `page`: puts an atlas and the averaged motions into one HTML file.
"""
