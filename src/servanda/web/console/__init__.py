"""Pages for staff. One file a page; `urls` lists them."""
