"""What people say about the business."""
