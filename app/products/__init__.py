"""What is sold: the catalogue, the ledger of its stock, what services use of it."""
