"""Words of a text: the entries that they claim, and the learned model that refuses claims."""
