"""XForm engine: definition, expressions, reactive cells, sessions, lists, entities, lint."""
