"""The portal's side of the desk: drafts, codes, links, packages that are fetched. No HTTP."""
