"""More than one host, played on one machine: `make hosts` says what holds there, with figures. It takes a minute."""
