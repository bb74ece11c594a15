"""What staff do: services, their categories, and who performs them."""
