"""Pictures of services, staff and spaces, and of people: checked, made small, stored, shown, and never left behind."""
