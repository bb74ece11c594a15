"""What a deployment can choose, a file for each group; `config.py` reads them all, once."""
