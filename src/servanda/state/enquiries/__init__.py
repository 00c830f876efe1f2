"""Enquiries of the company's website: a database of their own, beside the state.

They are ordinary data of the company, so the engine works on them as on any other store: retention,
requests, holds, recounts. In one SQLite file with the state that would wait for itself.
"""
