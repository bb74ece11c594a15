"""Invoices, credit notes and refund receipts: issued by what happens, numbered without a gap, never changed."""
