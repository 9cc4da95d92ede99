"""Light Markdown, as people write it in messages: read in Python as `static/js/messages/` reads it.

For pages without scripts, and for lines that are read without marks. Both readings are held to
`tests/vectors/markdown.json`; the owner's site has Markdown of its own (`porch.site.markdown`).
"""
