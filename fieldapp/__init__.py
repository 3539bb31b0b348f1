"""The phone: screens over a desk of use cases over a store that survives a kill at any instant."""
