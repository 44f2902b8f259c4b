"""The site: pages made from the records."""
