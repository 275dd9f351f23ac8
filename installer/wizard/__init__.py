"""The install wizard: what is chosen, the plan that is shown, the run that carries it out. No pages, no vendor."""
