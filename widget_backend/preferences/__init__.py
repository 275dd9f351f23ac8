"""The page of settings: hours, who takes deals, who may what, the connection, and the clinic at rest."""
