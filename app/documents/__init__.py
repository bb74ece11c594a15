"""Documents on paper: PDF files of invoices, credit notes and receipts."""
