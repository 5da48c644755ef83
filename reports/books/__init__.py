"""Excel books, csv with metadata beside it, and county books as PDF: the release's figures to take away.

They are made from what the pages are made from, the site's controlled tables, by the same formatter and the same words; nothing else is
opened. `shelf.Shelf` writes them into the tree of a site and remembers what it wrote for the page of downloads.
"""
