"""What of a clinic's rules its CRM's own automation carries out: what could, what does, and the way back."""
