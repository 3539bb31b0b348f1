"""The school's computer: takes records in, hands feeds out, shows the office what the records add up to."""
