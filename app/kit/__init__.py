"""Plain building blocks: time, money, intervals, cursors, errors. No Flask, no session, no domain."""
