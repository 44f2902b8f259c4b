"""The dialogues of `fix`: with a person on a terminal, and with consent given by options."""
