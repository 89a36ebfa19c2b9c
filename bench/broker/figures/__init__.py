"""What is measured of the broker; each module has a measure() that gives its figures."""
