"""Child processes of the lab and the folder that they share."""
