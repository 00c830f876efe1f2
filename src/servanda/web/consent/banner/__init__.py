"""The banner: one script for the company's sites, its style, and what it says.

`source/` is written by hand; `tools/gen-banner` puts it together, without comments and indentation,
into `served/`. What depends on the policy and must be known before anything loads (hosts and
names of cookies by category) is put in front of the script; what is only read comes as JSON.
"""
