"""The lab: real servers on loopback, healthy by default, and the faults that break them."""
