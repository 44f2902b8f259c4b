"""Page types of the site, one module for each."""
