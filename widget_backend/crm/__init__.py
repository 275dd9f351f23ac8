"""The two CRMs in one vocabulary. Words of a vendor stay in his folder."""
