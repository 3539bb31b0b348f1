"""One builder per kind of question, and the few controls that screens share."""
