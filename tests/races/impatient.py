"""The control of `test_told_of_a_change`: whoever changes the catalogue is answered at once, leases or not."""

from app import create_app
from app.leases import Lease

Lease.outlast = Lease.forget  # type: ignore[method-assign]  # this process still asks anew

app = create_app()
