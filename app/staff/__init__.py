"""Staff members: their public profiles, their hours, their time off."""
