"""From the text of a preset file to its values, with every mistake said at once."""
