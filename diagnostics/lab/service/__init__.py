"""`lab up`: a lab that other commands control through a socket."""
