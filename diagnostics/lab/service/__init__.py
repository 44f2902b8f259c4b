"""`lab up`: a lab that other commands reach through a socket."""
