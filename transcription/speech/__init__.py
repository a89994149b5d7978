"""Live captions and transcripts: sound in as numpy, captions out as dataclasses.

A plain library: no web framework, no database, no settings. Start at ``engine.Engine``.
"""
