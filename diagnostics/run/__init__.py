"""What one run needs: knowledge, selected probes and placeholder values."""
