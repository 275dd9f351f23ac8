"""The deal panel: what a clinic sees and presses in a deal's card, the same for both CRMs."""
