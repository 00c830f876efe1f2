"""What every face uses: who may see what, purposes, pages, tables, forms."""
