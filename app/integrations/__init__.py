"""What leaves the house: one adapter for each kind of outside service. Nobody else talks to them."""
