"""All guards that are taken out."""

from tests.sabotage.of_business import BOOKINGS, MONEY, OUTSIDE
from tests.sabotage.of_callers import WHAT_THEY_SEE, WHO_COMES_IN
from tests.sabotage.of_data import IN_THE_DATABASE, LOCKS

GUARDS = (*IN_THE_DATABASE, *LOCKS, *WHO_COMES_IN, *WHAT_THEY_SEE, *BOOKINGS, *MONEY, *OUTSIDE)
