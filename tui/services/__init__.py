"""Actions of the application: input of texts and targets, copies, exports, palette and summary."""
