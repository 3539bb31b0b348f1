"""What the phone and the server agree on: records, forms, merging, rules and the sync conversation. Pure: no I/O."""
