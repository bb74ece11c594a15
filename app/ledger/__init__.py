"""The books: double entry, only ever added to. docs/money.md says what each event posts."""
