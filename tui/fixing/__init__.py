"""The fix of an entry, applied from the screen: the only action of it that changes a system."""
