"""What was paid ahead: gift cards and packages, issued by paid orders and spent on whatever is owed."""
